import type { FindingKind } from '../../../../shared/contract/reviews';
import type { LayoutDoubt, LayoutFacts, LayoutReading } from '../../../../shared/contract/layout';
import type { TableReading } from '../../../../shared/contract/table';
import type { Split } from '../../../../shared/splits';

/** What a dataset format yields while it walks its source. */
export interface Candidate {
  /** Relative to the root. */
  path: string;
  /** null: the image has no label; then none of its source has. */
  className: string | null;
  /** null: to be drawn. */
  split: Split | null;
}

/** What a problem of a source is. */
export type ProblemKind = FindingKind;

export interface Problem {
  kind: ProblemKind;
  path: string;
  reason: string;
  others?: string[];
}

/**
 * What the system says of a file, without code, call and path: `EACCES: permission denied, open '/a'` -> `permission
 * denied`.
 */
export const systemReason = (error: unknown): string =>
  /^E\w+: ([^,]+)/.exec((error as Error).message)?.[1] ?? (error as Error).message;

/** Files that belong to a desktop or a tool, not to the data. */
export function ignoredReason(name: string): string | null {
  if (/^(Thumbs\.db|desktop\.ini|__MACOSX)$/i.test(name)) return 'It belongs to the desktop.';
  if (name === '.ipynb_checkpoints') return 'It belongs to Jupyter.';
  if (name.startsWith('.')) return 'It is hidden.';
  return null;
}

export interface ClassFolder {
  /** Relative to the root. */
  path: string;
  className: string;
  split: Split | null;
}

/** What a user says of a source beforehand. */
export interface ReadOptions {
  layout?: LayoutReading;
  table?: TableReading;
  /** Whether the images are taken without labels: folders are no classes then, and a table's labels aren't read. */
  unlabelled?: boolean;
}

/** What tells of which format a source is. */
export interface Source {
  path: string;
  isFolder: boolean;
  /** ReadOptions.unlabelled */
  unlabelled: boolean;
}

export interface DatasetFormat {
  id: string;
  /** Whether the source is of this format; of no two formats is one. */
  detect: (source: Source) => boolean;
  /** Folder that paths are relative to. */
  root: (source: string) => string;
  /** Whether a person has to say how the source is to be read; null, or no such function: it is clear. */
  doubt?: (source: string, options: ReadOptions) => LayoutDoubt | null;
  /** How a folder was read. */
  layout?: (source: string, options: ReadOptions) => LayoutFacts;
  /** Folders of the classes, with images or without. */
  classFolders?: (source: string, options: ReadOptions) => ClassFolder[];
  /**
   * Walks the source, with null where the caller may pause; what is left out goes to `report`.
   * @throws AppError bad_dataset where it can't be read at all
   */
  walk: (source: string, report: (problem: Problem) => void, options: ReadOptions) => Iterable<Candidate | null>;
}
