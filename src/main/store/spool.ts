/**
 * What a run had to leave in a file because the database could not be written: one JSON entry a line after a line with the file's
 * own id, which the database remembers, so that a file is never taken in twice.
 */
import { randomUUID } from 'node:crypto';
import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { isLive, type RunState } from '../../shared/run-state';
import { runFolder } from '../home';
import { EntryWriter, type Entry } from './entries';
import type { Store } from './open';
import { processAlive } from './process-identity';

export const spoolPathOf = (home: string, runId: string): string => join(runFolder(home, runId), 'pending.ndjson');

/** Appends and syncs. @throws where the file can't be written, so that the caller keeps the entries */
export function spoolEntries(spoolPath: string, entries: readonly Entry[]): void {
  mkdirSync(dirname(spoolPath), { recursive: true });
  const head = existsSync(spoolPath) ? '' : `${JSON.stringify({ spool: randomUUID() })}\n`;
  appendFileSync(spoolPath, head + entries.map((entry) => `${JSON.stringify(plain(entry))}\n`).join(''), { flush: true });
}

const plain = (entry: Entry): unknown => (entry.kind === 'evaluation' ? { ...entry, confusion: [...entry.confusion] } : entry);

interface Spooled {
  id: string;
  entries: Entry[];
  /** Lines that are no JSON: the last one where the power failed, or damage. */
  unreadable: number;
}

function readSpool(spoolPath: string): Spooled {
  const values: unknown[] = [];
  let unreadable = 0;
  for (const line of readFileSync(spoolPath, 'utf8').split('\n').filter(Boolean)) {
    try {
      values.push(JSON.parse(line));
    } catch {
      // Counted, and told as an event of the run.
      unreadable++;
    }
  }
  const isHead = (value: unknown): value is { spool: string } => typeof value === 'object' && value !== null && 'spool' in value;
  const head = values.find(isHead);
  return { id: head?.spool ?? randomUUID(), entries: values.filter((value) => !isHead(value)) as Entry[], unreadable };
}

interface Owner {
  state: RunState;
  step: number;
  pid: number | null;
  started: string | null;
  heartbeatMs: number;
}

/** A process that has the run now knows its state better than one that ended before. */
const withoutState = (entry: Entry): Entry => {
  if (entry.kind !== 'run') return entry;
  const { step, best, wallSeconds, engine } = entry;
  return {
    kind: 'run',
    ...(step === undefined ? {} : { step }),
    ...(best === undefined ? {} : { best }),
    ...(wallSeconds === undefined ? {} : { wallSeconds }),
    ...(engine === undefined ? {} : { engine }),
  };
};

/**
 * Takes in a run's file, where there is one, and removes it. Only its own trainer may do so while it lives.
 * @param own true: the file was written by this very process, so its state changes are news
 * @returns entries taken in
 */
export function takeSpooled(store: Store, runId: string, spoolPath: string, own = false): number {
  if (!existsSync(spoolPath)) return 0;
  const { id, entries, unreadable } = readSpool(spoolPath);
  const taken = store
    .transaction(() => {
      const run = store
        .prepare('SELECT state, step, pid, pid_started AS started, heartbeat_ms AS heartbeatMs FROM runs WHERE id = ?')
        .get(runId) as Owner | undefined;
      if (
        !run ||
        !store
          .prepare('INSERT INTO spools (id, run_id, taken) VALUES (?, ?, ?) ON CONFLICT DO NOTHING')
          .run(id, runId, new Date().toISOString()).changes
      )
        return 0;
      const owned = !own && isLive(run.state) && run.pid !== null && processAlive({ ...run, pid: run.pid });
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
