import { join } from 'node:path';
import type { Split } from '../../../../shared/splits';
import type { ClassFolder } from '../scan/entries';
import { lookInto } from './look';
import type { Layout } from './layout';
import { splitOfFolder } from './split-folders';

/** Returns the folders of the classes in a layout, with images or without, relative to the source. */
export function classFolders(source: string, { reading, base, splits, besides, within }: Layout): ClassFolder[] {
  const inside = (parts: readonly string[]): string[] => lookInto(join(source, ...parts), Infinity).folders;
  const classes = (parts: readonly string[], split: Split | null): ClassFolder[] =>
    inside(parts).map((className) => ({ path: [...parts, className].join('/'), className, split }));
  if (reading === 'classes') return classes(base, null);
  if (within)
    return inside(base).flatMap((className) =>
      inside([...base, className]).flatMap((folder) => {
        const split = splitOfFolder(folder);
        return split ? [{ path: [...base, className, folder].join('/'), className, split }] : [];
      }),
    );
  return [
    ...[...splits].flatMap(([folder, { split, inner, className }]) =>
      className === undefined
        ? classes([...base, folder, ...inner], split)
        : [{ path: [...base, folder].join('/'), className, split }],
    ),
    ...classes(base, null).filter(({ className }) => besides.has(className)),
  ];
}
