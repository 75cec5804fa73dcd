/**
 * Spool file of a run's entries that could not be written to the database: one JSON entry a line after a line with the
 * file's own id, which the database remembers, so that a file is never read in twice. An interrupted write is rolled
 * back, or, where the process ended with it, ends at the next line's beginning; entries that come twice change nothing
 * (entries.ts).
 */
import { createHash, randomUUID } from 'node:crypto';
import { closeSync, existsSync, fstatSync, fsyncSync, ftruncateSync, mkdirSync, openSync } from 'node:fs';
import { readFileSync, readSync, renameSync, rmSync, writeSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isLive, type RunState } from '../../shared/run-state';
import { runFolder } from '../base/home';
import { EntryWriter, type Entry } from './entries';
import type { Store } from './open';
import { traceOf } from './ownership';
import { processAlive } from './process-identity';

export const spoolPathOf = (home: string, runId: string): string => join(runFolder(home, runId), 'pending.ndjson');

/** The function of node:fs; a test simulates a disk that fills up. */
export type Write = (handle: number, bytes: Buffer, offset: number) => number;

/**
 * Appends all entries and syncs, or leaves the file as it was. @throws where it can't be written, so that the caller
 * keeps the entries
 */
export function spoolEntries(spoolPath: string, entries: readonly Entry[], write: Write = writeSync): void {
  mkdirSync(dirname(spoolPath), { recursive: true });
  const handle = openSync(spoolPath, 'a+');
  try {
    const { size } = fstatSync(handle);
    const head = size === 0 ? `${JSON.stringify({ spool: randomUUID() })}\n` : endsInLine(handle, size) ? '' : '\n';
    const bytes = Buffer.from(head + entries.map((entry) => `${JSON.stringify(plain(entry))}\n`).join(''));
    try {
      for (let done = 0; done < bytes.length;) done += write(handle, bytes, done);
      fsyncSync(handle);
    } catch (error) {
      // The caller still has all of them; a partial entry would damage the next.
      ftruncateSync(handle, size);
      throw error;
    }
  } finally {
    closeSync(handle);
  }
}

function endsInLine(handle: number, size: number): boolean {
  const last = Buffer.alloc(1);
  readSync(handle, last, 0, 1, size - 1);
  return last.toString() === '\n';
}

type Evaluation = Extract<Entry, { kind: 'evaluation' }>;
/** An evaluation as a file holds it: bytes in base64. */
type FiledEvaluation = Omit<Evaluation, 'blob'> & { blob: string | null };
/** An evaluation as versions before evaluation details wrote it. */
type EarlierEvaluation = Pick<Evaluation, 'kind' | 'step' | 'weights'> & { perClass: unknown; confusion: number[] };

const plain = (entry: Entry): unknown =>
  entry.kind === 'evaluation'
    ? ({ ...entry, blob: entry.blob && Buffer.from(entry.blob).toString('base64') } satisfies FiledEvaluation)
    : entry;

function entryOf(value: FiledEvaluation | EarlierEvaluation | Exclude<Entry, Evaluation>): Entry {
  if (value.kind !== 'evaluation') return value;
  if (!('perClass' in value)) return { ...value, blob: value.blob === null ? null : Buffer.from(value.blob, 'base64') };
  const { kind, step, weights, perClass, confusion } = value;
  return {
    ...{ kind, step, weights },
    detail: 'classes',
    json: perClass,
    blob: Buffer.from(Int32Array.from(confusion).buffer),
  };
}

interface Spooled {
  id: string;
  entries: Entry[];
  /** Number of lines that are not JSON: the last one where the power failed, or damage. */
  unreadable: number;
}

function readSpool(spoolPath: string): Spooled {
  const values: unknown[] = [];
  let unreadable = 0;
  const text = readFileSync(spoolPath, 'utf8');
  for (const line of text.split('\n').filter(Boolean)) {
    try {
      values.push(JSON.parse(line));
    } catch {
      // They are counted, and reported as an event of the run.
      unreadable++;
    }
  }
  const isHead = (value: unknown): value is { spool: string } =>
    typeof value === 'object' && value !== null && 'spool' in value;
  const head = values.find(isHead);
  // A file without its own line is identified by its content.
  const id = head?.spool ?? createHash('sha256').update(text).digest('hex');
  return {
    id,
    entries: (values.filter((value) => !isHead(value)) as Parameters<typeof entryOf>[0][]).map(entryOf),
    unreadable,
  };
}

/**
 * Removes the state from an entry, because the process that has the run now knows it better than one that ended before.
 */
const withoutState = (entry: Entry): Entry => {
  if (entry.kind !== 'run') return entry;
  const { step, best, wallSeconds, engine, plan } = entry;
  return {
    kind: 'run',
    ...(step === undefined ? {} : { step }),
    ...(best === undefined ? {} : { best }),
    ...(wallSeconds === undefined ? {} : { wallSeconds }),
    ...(engine === undefined ? {} : { engine }),
    ...(plan === undefined ? {} : { plan }),
  };
};

/**
 * Reads in and removes a run's file, where there is one. Only its own trainer may do so while it lives.
 * @param own true: the file was written by this very process, so its state changes are news
 * @returns the number of entries read in
 */
export function takeSpooled(store: Store, runId: string, spoolPath: string, own = false): number {
  if (!existsSync(spoolPath)) return 0;
  const { id, entries, unreadable } = readSpool(spoolPath);
  const taken = store
    .transaction(() => {
      const run = store.prepare('SELECT state, step FROM runs WHERE id = ?').get(runId) as
        { state: RunState; step: number } | undefined;
      if (
        !run ||
        !store
          .prepare('INSERT INTO spools (id, run_id, taken) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
          .run(id, runId, new Date().toISOString()).changes
      )
        return 0;
      const trace = traceOf(store, runId);
      const owned = !own && isLive(run.state) && trace !== null && processAlive(trace);
      const writer = new EntryWriter(store, runId);
      writer.write(owned ? entries.map(withoutState) : entries);
      if (unreadable)
        writer.write([
          {
            kind: 'event',
            step: run.step,
            time: new Date().toISOString(),
            name: 'spool_damaged',
            message: `${unreadable} lines of ${spoolPath} could not be read; it was kept as ${spoolPath}.damaged.`,
          },
        ]);
      return entries.length;
    })
    .immediate();
  if (unreadable) renameSync(spoolPath, `${spoolPath}.damaged`);
  else rmSync(spoolPath);
  return taken;
}
