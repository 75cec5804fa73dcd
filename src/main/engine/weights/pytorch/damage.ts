import { AppError } from '../../../../shared/errors';

/** A PyTorch file that is not whole, or that holds what no weights hold. @param why whole sentences */
export const refused = (
  path: string,
  why: string,
  next = 'Choose another file, or write it again with torch.save.',
): AppError =>
  new AppError({
    code: 'weights_mismatch',
    what: `${path} can't be read as PyTorch weights.`,
    why,
    next: `${next} Nothing was loaded.`,
  });
