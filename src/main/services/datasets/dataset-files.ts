/**
 * Checks whether a dataset's files are still the imported ones, and where they are. A file is the same if its content
 * is; size and time only say where reading the content can be spared.
 */
import { hash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { readFile, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { AppError } from '../../../shared/errors';
import { setRoot, type Dataset } from '../../store/datasets';
import { contentOf, fileStates, setTimes, type FileState } from '../../store/samples';
import type { Store } from '../../store/open';
import { inTime } from '../core/in-time';

/**
 * Of a larger split, this many files are checked before training, evenly spread in order of path. A loader compares
 * each file's size with the record when it reads it, and finds the other changes then.
 */
export const MOST_CHECKED = 100_000;

/** Number of system calls under way at once. */
const AT_ONCE = 128;
/** Number of files between two progress reports. */
const TELL_EVERY = 500;

interface TouchedFile {
  split: string;
  path: string;
  /** Time of modification in whole milliseconds. */
  mtimeMs: number;
}

interface Differences {
  missing: string[];
  /** Files of another size, or of other content. */
  changed: string[];
  /** Files of the same content with another time. */
  touched: TouchedFile[];
}

/** Called with the progress of comparing contents. */
export type TellProgress = (done: number, total: number) => void;

/** Runs `act` on all items, so many at once, without waiting for each other. */
async function forEach<T>(items: Iterator<T>, act: (item: T) => Promise<void>): Promise<void> {
  async function worker(): Promise<void> {
    for (let next = items.next(); !next.done; next = items.next()) await act(next.value);
  }
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}

/** Returns how the files under `root` differ from the imported ones. */
async function differences(store: Store, dataset: Dataset, root: string, tell: TellProgress): Promise<Differences> {
  const found: Differences = { missing: [], changed: [], touched: [] };
  const otherTime: TouchedFile[] = [];
  for (const split of Object.keys(dataset.record.counts)) {
    const look = async ({ path, bytes, mtimeMs: recorded }: FileState): Promise<void> => {
      const file = await stat(join(root, path)).catch(() => null);
      const mtimeMs = Math.floor(file?.mtimeMs ?? 0);
      if (!file) found.missing.push(path);
      else if (file.size !== bytes) found.changed.push(path);
      else if (mtimeMs !== recorded) otherTime.push({ split, path, mtimeMs });
    };
    await forEach(fileStates(store, dataset.id, split, MOST_CHECKED), look);
  }
  let done = 0;
  await forEach(otherTime.values(), async (file) => {
    const content = await readFile(join(root, file.path)).catch(() => null);
    const same = content !== null && hash('sha256', content) === contentOf(store, dataset.id, file.split, file.path);
    if (same) found.touched.push(file);
    else found.changed.push(file.path);
    if (++done % TELL_EVERY === 0) tell(done, otherTime.length);
  });
  return found;
}

const some = (paths: readonly string[]): string =>
  `${[...paths].sort().slice(0, 3).join(', ')}${paths.length > 3 ? ` and ${paths.length - 3} more` : ''}`;

const files = (count: number): string => (count === 1 ? '1 file' : `${count} files`);

/**
 * Compares a dataset's files with its record. Files with only another time are accepted, and the record takes the new
 * time.
 * @returns the number of those files
 * @throws AppError dataset_missing, dataset_changed saying what changed since import
 */
export async function verifyDataset(
  store: Store,
  dataset: Dataset,
  tell: TellProgress = () => undefined,
): Promise<number> {
  const { id, name, root } = dataset;
  if (!existsSync(root)) {
    throw new AppError({
      code: 'dataset_missing',
      what: `The folder of dataset ${name} is gone.`,
      why: `${root} is not there.`,
      next: `If it has moved: efficienttrain datasets locate ${name} NEW_FOLDER`,
      action: { id: 'locate_dataset' },
    });
  }
  const { missing, changed, touched } = await differences(store, dataset, root, tell);
  if (missing.length || changed.length) {
    const parts = [
      missing.length ? `${missing.length} files are gone (${some(missing)})` : '',
      changed.length ? `${changed.length} files have changed (${some(changed)})` : '',
    ].filter(Boolean);
    throw new AppError({
      code: 'dataset_changed',
      what: `Dataset ${name} has changed since it was imported.`,
      why: `${parts.join('; ')}.`,
      next: `${missing.length ? `If the files have moved: efficienttrain datasets locate ${name} NEW_FOLDER. Otherwise put` : 'Put'} the files back, or train a new run on them as they are: efficienttrain import ${root}`,
      action: { id: missing.length ? 'locate_files' : 'restore_files' },
    });
  }
  store.transaction(() => setTimes(store, id, touched))();
  return touched.length;
}

/** Describes the files that only have another time; null where there are none. */
export function touchedSentence(dataset: Dataset, touched: number): string | null {
  if (touched === 0) return null;
  const have =
    touched === 1
      ? 'has another time than at import and the same content'
      : 'have other times than at import and the same content';
  return `${files(touched)} of dataset ${dataset.name} ${have}; its record was updated.`;
}

/**
 * Points a dataset at the folder it has moved to, where every file has to have its content.
 * @returns its new root
 * @throws AppError dataset_changed, dataset_missing
 */
export async function locateDataset(store: Store, dataset: Dataset, folder: string): Promise<string> {
  const root = resolve(folder);
  if (!(await isFolder(root)))
    throw new AppError({
      code: 'dataset_missing',
      what: `There is no folder ${root}.`,
      why: 'The new place has to be a folder.',
      next: 'Give the folder that the dataset has moved to.',
    });
  const { missing, changed, touched } = await differences(store, dataset, root, () => undefined);
  const wrong = [...missing, ...changed];
  if (wrong.length)
    throw new AppError({
      code: 'dataset_changed',
      what: `${root} does not hold dataset ${dataset.name}.`,
      why: `${wrong.length} files are missing there or differ (${some(wrong)}).`,
      next: 'Give the folder that holds the same files.',
    });
  store.transaction(() => {
    setRoot(store, dataset.id, root);
    setTimes(store, dataset.id, touched);
  })();
  return root;
}

/** Returns false too where the file system doesn't answer. */
export const isFolder = (path: string): Promise<boolean> =>
  inTime(path, () => stat(path)).then(
    (found) => found.isDirectory(),
    () => false,
  );
