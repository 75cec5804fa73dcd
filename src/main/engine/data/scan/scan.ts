/** Scan of a source: every file is read and decoded once; the source is never written to. */
import { availableParallelism } from 'node:os';
import { formatOf } from '../formats';
import type { ReadOptions } from './entries';
import { drawValidation, findCopies, findNearDuplicates, type Pause } from './findings';
import { inspectFile, type Inspected } from './inspect';
import { bandsOf } from './perceptual-hash';
import { Scratch } from './scratch';

export interface ScanOptions {
  source: string;
  valSplit: number;
  seed: number;
  read?: ReadOptions;
  /** Working file. */
  scratchFile: string;
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

/** The caller closes or discards what it gets; where its facts hold a doubt, nothing was read.  An abort throws the signal's reason and leaves nothing behind. */
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
    await inspectAll(options, scratch, root);
    scratch.indexContent();
    options.onProgress({ phase: 'comparing', done: 0, total: 0 });
    const val_drawn = drawValidation(scratch, valSplit, seed);
    await findCopies(scratch, pauses(options));
    await findNearDuplicates(scratch, pauses(options));
    const layout = format.layout?.(source, read);
    scratch.finish({ ...asked, val_drawn, ...(layout ? { layout } : {}) });
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
  for (const candidate of format.walk(source, (problem) => scratch.addProblem(problem), read ?? {})) {
    scratch.addCandidate(candidate);
    if (++done % 2000) continue;
    onProgress({ phase: 'listing', done, total: 0 });
    await new Promise((resolve) => setImmediate(resolve));
    signal.throwIfAborted();
  }
}

async function inspectAll({ signal, onProgress }: ScanOptions, scratch: Scratch, root: string): Promise<void> {
  const { db } = scratch;
  const total = scratch.count();
  const update =
    db.prepare(`UPDATE files SET usable = 1, bytes = @bytes, mtime_ms = @mtimeMs, sha256 = @sha256, format = @format, width = @width, height = @height,
    orientation = @orientation, fast = @fast, hash = @hash WHERE id = @id`);
  const band = db.prepare('INSERT OR IGNORE INTO bands (band, value, file) VALUES (?, ?, ?)');
  const record = (id: number, { facts, ...file }: Inspected): void => {
    update.run({ id, ...file, ...facts, fast: facts.fast ? 1 : 0 });
    if (file.hash) bandsOf(file.hash).forEach((value, index) => band.run(index, value, id));
  };
  const rows = scratch.candidates();
  let done = 0;
  async function work(): Promise<void> {
    for (let next = rows.next(); !next.done; next = rows.next()) {
      signal.throwIfAborted();
      const { id, path } = next.value;
      const found = await inspectFile(root, path);
      if ('kind' in found) scratch.addProblem({ ...found, path });
      else record(id, found);
      if (++done % 16 === 0 || done === total) onProgress({ phase: 'reading', done, total });
    }
  }
  await Promise.all(Array.from({ length: Math.min(2 * availableParallelism(), 32) }, work));
}
