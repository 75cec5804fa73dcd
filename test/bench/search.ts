/** Measures the overhead of a search and of a frequency study beside the trainings that they start. */
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { runSummaries } from '../../src/main/store/run-list';
import { runById, type Run } from '../../src/main/store/runs';
import { data } from '../results/sides.mjs';
import { median, spread, type Table } from './support/samples';

const THREADS = Math.min(2, cpus().length);
const [ROUNDS, LIMIT] = [3, 0.03];
const [DATASET, MODEL, SIZE, BATCH] = ['cifar10', 'resnet_micro', 32, 64];
const CLI = join(import.meta.dirname, '../../out/main/cli.js');
const OWN = ['--dataset', DATASET, '--model', MODEL, '--size', `${SIZE}`, '--batch', `${BATCH}`];
const FIELDS = ['--set', `engine.intra_op_threads=${THREADS}`];

/** Each case, with the epochs of its runs when the bench is not quick. */
const CASES = [
  {
    what: 'search, algorithm 2',
    epochs: 12,
    args: ['search', '--algorithm', '2', '--stages', '2', '--candidates', '16,32', ...OWN],
  },
  {
    what: 'search, algorithm 1',
    epochs: 6,
    args: ['search', '--algorithm', '1', '--stages', '2', '--candidates', '16,24,32', ...OWN],
  },
  {
    what: 'study frequency',
    epochs: 6,
    args: ['study', 'frequency', '--radii', '8', ...OWN, '--set', 'eval.every=1'],
  },
];

export const title = 'Searches and studies';
export const notes = [
  `On ../shared/data/${DATASET}, ${MODEL} at ${SIZE} px, batch ${BATCH}, ${THREADS} threads, ${ROUNDS} rounds. Whole: from the start of the command to its end. Runs: the sum over its runs from where the trainer has the run to where it has ended.`,
  'The share is what is left, over the runs: the start of the command, a process for each run until it has its run, and what is decided and written between runs. Own processor time is that of the command’s process',
  'without its trainers, over that of the runs’ wall time. The part for each run does not grow with it, so longer runs make the share smaller.',
].join('\n');

interface Measured {
  runs: number;
  whole: number;
  trained: number;
  /** Seconds of processor time of the command's own process. */
  own: number;
}

/**
 * Returns user and system time of a process without its children, in seconds. It is null once the process has ended,
 * and on other systems than Linux.
 */
function processorSeconds(pid: number): number | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch (error) {
    if (['ENOENT', 'ESRCH'].includes((error as NodeJS.ErrnoException).code ?? '')) return null;
    throw error;
  }
}

function command(home: string, args: readonly string[]): Promise<{ seconds: number; own: number }> {
  const began = performance.now();
  const child = spawn(process.execPath, [CLI, ...args, '--json', '--home', home], {
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let [own, said] = [0, ''];
  child.stderr.on('data', (part: Buffer) => (said = (said + String(part)).slice(-2000)));
  const timer = setInterval(() => (own = processorSeconds(child.pid as number) ?? own), 100);
  return new Promise((resolve, reject) =>
    child.once('close', (code) => {
      clearInterval(timer);
      if (code === 0) resolve({ seconds: (performance.now() - began) / 1000, own });
      else reject(new Error(`${args.slice(0, 3).join(' ')} ended with ${code}: ${said}`));
    }),
  );
}

function runsIn(home: string): Run[] {
  const store = openStore(databasePath(home), { readonly: true });
  try {
    return runSummaries(store).map(({ id }) => runById(store, id) as Run);
  } finally {
    store.close();
  }
}

const secondsOf = ({ started, ended }: Run): number => (Date.parse(ended ?? '') - Date.parse(started ?? '')) / 1000;

async function measured(home: string, args: readonly string[]): Promise<Measured> {
  const before = new Set(existsSync(databasePath(home)) ? runsIn(home).map(({ id }) => id) : []);
  const { seconds: whole, own } = await command(home, args);
  const runs = runsIn(home).filter(({ id }) => !before.has(id));
  return { runs: runs.length, whole, trained: runs.reduce((sum, run) => sum + secondsOf(run), 0), own };
}

const percents = (values: readonly number[]): string =>
  spread(
    values.map((value) => 100 * value),
    '%',
  );

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  const source = join(data, DATASET);
  if (!existsSync(source)) throw new Error(`${source} is not there: the measurement needs its images`);
  const home = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  const rows: string[][] = [];
  try {
    await command(home, ['import', source, '--name', DATASET, '--yes']);
    for (const { what, epochs, args } of CASES) {
      const rounds: Measured[] = [];
      for (let round = 0; round < (quick ? 1 : ROUNDS); round++) {
        // Without a difference, a study would reuse the runs of the round before.
        const seed = ['--set', `optimizer.base_lr=0.00${round + 1}`];
        rounds.push(
          await measured(home, [...args, '--epochs', String(quick ? epochs / 6 : epochs), ...FIELDS, ...seed]),
        );
        log(`${what}: ${JSON.stringify(rounds.at(-1))}`);
      }
      const shares = rounds.map(({ whole, trained }) => whole / trained - 1);
      rows.push([
        ...[
          what,
          String(rounds[0]?.runs ?? 0),
          spread(
            rounds.map(({ trained }) => trained),
            's',
          ),
        ],
        ...[
          spread(
            rounds.map(({ whole }) => whole),
            's',
          ),
          percents(shares),
        ],
        ...[
          spread(
            rounds.map(({ whole, trained, runs }) => (1000 * (whole - trained)) / runs),
            'ms',
          ),
        ],
        ...[percents(rounds.map(({ own, trained }) => own / trained)), median(shares) < LIMIT ? 'yes' : 'no'],
      ]);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const columns = [
    'what',
    'runs',
    'runs’ time',
    'whole',
    'share',
    'for each run',
    'own processor time',
    `< ${100 * LIMIT} %`,
  ];
  return [{ columns, rows }];
}
