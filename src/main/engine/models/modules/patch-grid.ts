import { AppError } from '../../../../shared/errors';

/** Patches along one side of an image of `size` px. @throws AppError invalid_config where they do not fit */
export function patchGrid(id: string, size: number, patch: number): number {
  const side = size / patch;
  if (Number.isInteger(side) && side >= 1) return side;
  throw new AppError({
    code: 'invalid_config',
    what: `${id} can't take images of ${size} px.`,
    why: `It cuts them into patches of ${patch} px, so the size has to be a multiple of that.`,
    next: `Choose a size of ${Math.max(Math.round(side), 1) * patch} px.`,
  });
}
