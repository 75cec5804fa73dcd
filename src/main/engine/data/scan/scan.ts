/** Scan of a source: every file is read and decoded once; the source is never written to. */
import { availableParallelism } from 'node:os';
import { entryPath } from '../../../base/entry';
import { formatOf } from '../formats';
import type { ReadOptions } from './entries';
import { compareClasses, findEmptyClasses, findEmptySplits } from './class-lists';
import { drawValidation, findCopies, findNearDuplicates, type Pause } from './findings';
import { foundOf } from './batch';
import { InspectionCache, inspectorBuild } from './inspection-cache';
import { inspectAll, type ToInspect } from './reader-pool';
import { Scratch } from './scratch';

export interface ScanOptions {
  source: string;
  valSplit: number;
  seed: number;
  read?: ReadOptions;
  /** Working file. */
  scratchFile: string;
  /** For what this scan finds, so that the next one of the same root needn't read it again. */
  cacheFolder: string;
  signal: AbortSignal;
  onProgress: (progress: ScanProgress) => void;
}

export interface ScanProgress {
  phase: 'listing' | 'reading' | 'comparing';
  done: number;
  /** 0 while it is not known. */
  total: number;
}

/** Between two looks at what has come in meanwhile. */
const PAUSE_MS = 50;

/** The caller closes or discards what it gets; where its facts hold a doubt, nothing was read. An abort throws the signal's reason and leaves nothing behind. */
export async function scanDataset(options: ScanOptions): Promise<Scratch> {
  const { source, valSplit, seed } = options;
  const format = formatOf(source);
  const root = format.root(source);
  const scratch = Scratch.create(options.scratchFile);
  const read = options.read ?? {};
  const asked = { source, root, format: format.id, read, val_split: valSplit, seed };
  try {
    const doubt = format.doubt?.(source, read);
    if (doubt) {
      scratch.finish({ ...asked, val_drawn: false, doubt });
      return scratch;
    }
    await list(options, scratch, format);
    await inspect(options, scratch, root);
    scratch.indexContent();
    options.onProgress({ phase: 'comparing', done: 0, total: 0 });
    const layout = format.layout?.(source, read);
    findEmptyClasses(scratch, format.classFolders?.(source, read) ?? null);
    findEmptySplits(scratch, layout?.splits ?? []);
    const val_drawn = drawValidation(scratch, valSplit, seed);
    await findCopies(scratch, pauses(options));
    await findNearDuplicates(scratch, pauses(options));
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

async function list(
  { source, read, signal, onProgress }: ScanOptions,
  scratch: Scratch,
  format: ReturnType<typeof formatOf>,
): Promise<void> {
  let done = 0;
  scratch.begin();
  for (const candidate of format.walk(source, (problem) => scratch.addProblem(problem), read ?? {})) {
    if (candidate) scratch.addCandidate(candidate);
    if (candidate && ++done % 2000) continue;
    onProgress({ phase: 'listing', done, total: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
  scratch.commit();
}

/** Readers of a scan. Few files don't need more than one, which takes a fifth of a second to start. */
const FILES_A_READER = 100;
const MOST_READERS = 32;

async function inspect({ signal, onProgress, cacheFolder }: ScanOptions, scratch: Scratch, root: string): Promise<void> {
  const total = scratch.count();
  if (total === 0) return;
  const file = entryPath('scan-reader');
  const cache = InspectionCache.open(cacheFolder, root, inspectorBuild(file));
  let done = 0;
  const tell = (files: number): void => {
    done += files;
    onProgress({ phase: 'reading', done, total });
  };
  const record = (one: ToInspect, text: string): void => {
    const found = foundOf(text || (one.known?.found ?? ''));
    scratch.addFound(one, found);
    if (text && found.mark !== null) cache?.keep(one.path, found.mark, text);
  };
  scratch.begin();
  try {
    await inspectAll(withKnown(scratch.candidates(), cache), {
      ...{ file, root, signal },
      readers: Math.min(availableParallelism(), MOST_READERS, Math.ceil(total / FILES_A_READER)),
      onFound: (files, found) => {
        files.forEach((one, at) => record(one, found[at] ?? ''));
        tell(files.length);
      },
      onCrash: (one, { kind, reason }) => {
        scratch.addFound(one, { kind, reason, mark: null });
        tell(1);
      },
    });
  } finally {
    cache?.close();
  }
  scratch.commit();
}

function* withKnown(files: Iterable<{ id: number; path: string }>, cache: InspectionCache | null): Generator<ToInspect> {
  for (const { id, path } of files) yield { id, path, known: cache?.recall(path) ?? null };
}
