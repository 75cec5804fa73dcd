/** Scans a source: every file is read and decoded once; the source is never written to. */
import { availableParallelism } from 'node:os';
import { entryPath } from '../../../base/entry';
import { formatOf } from '../formats';
import type { DatasetFormat, ReadOptions } from './entries';
import { compareClasses, findEmptyClasses, findEmptySplits } from './class-lists';
import { drawValidation, findCopies, findNearDuplicates, type Pause } from './findings';
import { foundOf } from './batch';
import { InspectionCache, inspectorBuild } from './inspection-cache';
import { Listed } from './listed';
import { inspectAll } from './reader-pool';
import { Scratch } from './scratch';

export interface ScanOptions {
  source: string;
  /** Share of a drawn val split; null means DEFAULT_VAL_SPLIT, and none for images without labels. */
  valSplit: number | null;
  seed: number;
  read?: ReadOptions;
  /** Working file. */
  scratchFile: string;
  /** Folder of the cache of findings, so that the next scan of the same root needn't read the files again. */
  cacheFolder: string;
  signal: AbortSignal;
  onProgress: (progress: ScanProgress) => void;
}

export interface ScanProgress {
  phase: 'listing' | 'reading' | 'comparing';
  done: number;
  /** Total number of files; 0 while it is not known. */
  total: number;
}

/** Share of each class that is drawn for validation where the source has no val split and the user gives no other. */
const DEFAULT_VAL_SPLIT = 0.2;

/** Number of threads that search for near-duplicates: more would wait for the one that confirms them. */
const MOST_THREADS = 8;
/** Milliseconds between two checks of what has come in meanwhile. */
const PAUSE_MS = 50;

/**
 * Scans a source. The caller closes or discards the result; where its facts hold a doubt, nothing was read. An abort
 * throws the signal's reason and leaves nothing behind.
 */
export async function scanDataset(options: ScanOptions): Promise<Scratch> {
  const { source, seed } = options;
  const read = options.read ?? {};
  const { unlabelled = false } = read;
  const valSplit = options.valSplit ?? (unlabelled ? 0 : DEFAULT_VAL_SPLIT);
  const format = formatOf(source, read);
  const root = format.root(source);
  const scratch = Scratch.create(options.scratchFile);
  const asked = { source, root, format: format.id, read, val_split: valSplit, seed };
  try {
    const doubt = format.doubt?.(source, read);
    if (doubt) {
      scratch.finish({ ...asked, val_drawn: false, doubt });
      return scratch;
    }
    await readAll(options, scratch, format, root);
    scratch.indexContent();
    options.onProgress({ phase: 'comparing', done: 0, total: 0 });
    const layout = format.layout?.(source, read);
    const draws = valSplit > 0 || !unlabelled;
    let val_drawn = false;
    const beside = async (): Promise<void> => {
      if (!unlabelled) findEmptyClasses(scratch, format.classFolders?.(source, read) ?? null);
      findEmptySplits(scratch, layout?.splits ?? [], { unlabelled, draws });
      val_drawn = drawValidation(scratch, valSplit, seed) && draws;
      await findCopies(scratch, pauses({ ...options, onProgress: () => undefined }));
    };
    await findNearDuplicates(scratch, pauses(options), {
      threads: Math.min(availableParallelism(), MOST_THREADS),
      beside,
    });
    scratch.finish({ ...asked, val_drawn, ...(layout ? { layout } : {}) });
    compareClasses(scratch);
    return scratch;
  } catch (error) {
    scratch.discard();
    throw error;
  }
}

function pauses({ signal, onProgress }: ScanOptions): Pause {
  let last = performance.now();
  return async (done, total) => {
    if (performance.now() - last < PAUSE_MS) return;
    onProgress({ phase: 'comparing', done, total });
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
    last = performance.now();
  };
}

/** Number of candidates between two checks of what has come in meanwhile. */
const LISTED_AT_ONCE = 500;

/** Lists the source's files, and reads each of them as soon as it is listed. */
async function readAll(options: ScanOptions, scratch: Scratch, format: DatasetFormat, root: string): Promise<void> {
  const file = entryPath('scan-reader');
  const cache = InspectionCache.open(options.cacheFolder, root, inspectorBuild(file));
  const stop = new AbortController();
  const signal = AbortSignal.any([options.signal, stop.signal]);
  const listed = new Listed(scratch, cache);
  scratch.begin();
  try {
    const reading = inspect({ ...options, signal }, scratch, listed, cache, root);
    reading.catch((error: unknown) => stop.abort(error));
    // Where listing fails, the readers end first and get the same error.
    await list({ ...options, signal }, scratch, format, listed).catch((error: unknown) => stop.abort(error));
    await reading;
  } finally {
    cache?.close();
  }
  scratch.commit();
}

async function list(
  { source, read, signal, onProgress }: ScanOptions,
  scratch: Scratch,
  format: DatasetFormat,
  listed: Listed,
): Promise<void> {
  for (const candidate of format.walk(source, (problem) => scratch.addProblem(problem), read ?? {})) {
    if (candidate) listed.add(candidate);
    if (candidate && listed.count % LISTED_AT_ONCE) continue;
    listed.more();
    onProgress({ phase: 'listing', done: listed.count, total: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  listed.end();
}

const MOST_READERS = 32;

async function inspect(
  { signal, onProgress }: ScanOptions,
  scratch: Scratch,
  listed: Listed,
  cache: InspectionCache | null,
  root: string,
): Promise<void> {
  let done = 0;
  const tell = (files: number): void => {
    done += files;
    if (listed.isWhole) onProgress({ phase: 'reading', done, total: listed.count });
  };
  await inspectAll(listed, {
    ...{ file: entryPath('scan-reader'), root, signal, readers: Math.min(availableParallelism(), MOST_READERS) },
    onFound: (files, told) => {
      for (const [at, one] of files.entries()) {
        const fresh = told[at] ?? null;
        const text = fresh ?? one.known;
        if (!text) throw new Error(`a reader left out ${one.path}`);
        const found = foundOf(text);
        scratch.addFound(one, found);
        if (fresh && found.mark !== null) cache?.keep(one.path, found.mark, fresh);
      }
      tell(files.length);
    },
    onCrash: (one, { kind, reason }) => {
      scratch.addProblem({ kind, reason, path: one.path });
      tell(1);
    },
  });
}
