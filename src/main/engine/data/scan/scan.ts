/** Scan of a source: every file is read and decoded once; the source is never written to. */
import { availableParallelism } from 'node:os';
import { formatOf } from '../formats';
import { findCopies, findNearDuplicates, drawValidation, type Exclusions } from './findings';
import { inspectFile, type Inspected } from './inspect';
import { bandsOf } from './perceptual-hash';
import { Scratch } from './scratch';

export interface ScanOptions {
  source: string;
  valSplit: number;
  seed: number;
  exclude: Exclusions;
  /** Working file, removed by closing the scratch. */
  scratchFile: string;
  signal: AbortSignal;
  onProgress: (progress: ScanProgress) => void;
}

export interface ScanProgress {
  phase: 'listing' | 'reading' | 'comparing';
  done: number;
  /** 0 while listing. */
  total: number;
}

export interface Scan {
  root: string;
  format: string;
  /** Whether the val split was drawn here. */
  drawn: boolean;
  scratch: Scratch;
}

/** The caller closes `scratch`. An abort throws the signal's reason and leaves nothing behind. */
export async function scanDataset(options: ScanOptions): Promise<Scan> {
  const format = formatOf(options.source);
  const scratch = new Scratch(options.scratchFile);
  try {
    await list(options, scratch, format);
    await inspectAll(options, scratch, format.root(options.source));
    options.onProgress({ phase: 'comparing', done: 0, total: 0 });
    const drawn = drawValidation(scratch, options.valSplit, options.seed);
    findCopies(scratch, options.exclude);
    findNearDuplicates(scratch);
    return { root: format.root(options.source), format: format.id, drawn, scratch };
  } catch (error) {
    scratch.close();
    throw error;
  }
}

async function list(
  { source, signal, onProgress }: ScanOptions,
  scratch: Scratch,
  format: ReturnType<typeof formatOf>,
): Promise<void> {
  let done = 0;
  for (const candidate of format.walk(source, (problem) => scratch.addProblem(problem))) {
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
