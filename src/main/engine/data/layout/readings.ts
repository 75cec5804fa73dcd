import { sep } from 'node:path';
import { byCodePoint } from '../../../../shared/code-points';
import type { FoldersDoubt, LayoutReading, ReadingSummary } from '../../../../shared/contract/layout';
import { walkFolder } from '../scan/walk-folder';
import { layoutOf, type Layout } from './layout';
import { placeOf } from './place';

/** Number of files listed to show what each reading would give. */
const FILES = 200_000;
/** Number of classes that a reading names. */
const NAMED = 12;

class Reading {
  private readonly classes = new Map<string, number>();
  private readonly splits = { train: 0, val: 0, test: 0 };
  private leftOut = 0;

  constructor(private readonly layout: Layout) {}

  add(parts: readonly string[]): void {
    const place = placeOf(this.layout, parts);
    if (typeof place === 'string') {
      this.leftOut++;
      return;
    }
    this.classes.set(place.className, (this.classes.get(place.className) ?? 0) + 1);
    this.splits[place.split ?? 'train']++;
  }

  summary(): ReadingSummary {
    const classes = [...this.classes.keys()].sort(byCodePoint);
    return {
      classes: classes.slice(0, NAMED),
      class_count: classes.length,
      files: this.splits,
      left_out: this.leftOut,
    };
  }
}

/**
 * Returns the question that a source's folders leave open, with the result of each answer; null where they leave none.
 */
export function foldersDoubt(source: string): FoldersDoubt | null {
  const { doubt } = layoutOf(source);
  if (!doubt) return null;
  const of = (reading: LayoutReading): Reading => new Reading(layoutOf(source, reading).layout);
  const readings = { classes: of('classes'), splits: of('splits') };
  let files = 0;
  for (const path of walkFolder(source, source, () => undefined)) {
    const parts = path.split(sep);
    readings.classes.add(parts);
    readings.splits.add(parts);
    if (++files >= FILES) break;
  }
  return {
    ...{ kind: doubt.kind, folders: doubt.folders.slice(0, NAMED), folder_count: doubt.folders.length },
    ...{ shared: doubt.shared.slice(0, NAMED), complete: files < FILES },
    ...{ classes: readings.classes.summary(), splits: readings.splits.summary() },
  };
}
