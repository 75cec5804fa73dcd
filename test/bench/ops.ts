/** Measures single ops of ours beside TensorFlow's and PyTorch's for the same, in turns within one run. */
import { join } from 'node:path';
import { peerPython } from '../support/peer-python.mjs';
import { CASES, nameOf, type OpCase, type OpRequest, type Pass } from './ops/cases';
import { THREADS } from './step/sides';
import { bundled } from './support/bundle.mjs';
import { median, spread, type Table } from './support/samples';
import { Side } from './support/side';

const ROUNDS = 9;
/** A turn has as many passes as fit into this time. */
const TURN_MS = 60;
/** Least quotient of the others' time and ours. */
const FLOOR = 1;

export const title = 'Single ops';
export const peer = true;
export const notes = [
  `float32, ${THREADS} threads on each side, ${ROUNDS} rounds in which the sides take turns of about ${TURN_MS} ms; a turn counts by its median. Forward with the bias added; gradients: all of them (image, filter, bias).`,
  'PyTorch in the better of channels-last and NCHW. Ratio: the other’s time over ours, of the same round; above 1 ours is faster.',
].join('\n');

async function turns(sides: readonly Side[], run: OpCase, pass: Pass, rounds: number): Promise<number[][]> {
  const ask = (side: Side, times: number): Promise<number> =>
    side.ask<{ ms: number[] }>({ run, pass, times } satisfies OpRequest).then(({ ms }) => median(ms));
  const times: number[] = [];
  for (const side of sides) times.push(Math.max(1, Math.round(TURN_MS / (await ask(side, 3)))));
  const found = sides.map((): number[] => []);
  for (let round = 0; round < rounds; round++)
    for (const [at, side] of sides.entries()) found[at]?.push(await ask(side, times[at] as number));
  return found;
}

const ratios = (theirs: readonly number[], ours: readonly number[]): number[] =>
  theirs.map((value, at) => value / (ours[at] as number));
const ratio = (values: readonly number[]): string =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  const bundle = await bundled(join(import.meta.dirname, 'ops', 'ours.ts'));
  const runner = join(import.meta.dirname, 'support', 'run-bundled.mjs');
  const env = { BENCH_THREADS: String(THREADS) };
  const sides = [
    Side.start('ours', process.execPath, [runner, bundle], env),
    Side.start('TensorFlow', process.execPath, [runner, bundle, 'tensorflow'], env),
    Side.start('PyTorch', peerPython(), [join(import.meta.dirname, 'ops', 'peer.py'), String(THREADS)]),
  ];
  const rows: string[][] = [];
  try {
    for (const run of CASES)
      for (const pass of ['forward', 'gradients'] as const) {
        const [ours = [], ...others] = await turns(sides, run, pass, quick ? 3 : ROUNDS);
        const compared = others.map((theirs) => ratios(theirs, ours));
        const met = compared.every((values) => median(values) >= FLOOR);
        rows.push([
          ...[nameOf(run), pass, ...[ours, ...others].map((values) => spread(values, 'ms'))],
          ...[...compared.map(ratio), met ? 'yes' : 'no'],
        ]);
        log(rows.at(-1)?.join(' | ') ?? '');
      }
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
  const columns = [
    'op',
    'pass',
    'ours',
    'TensorFlow',
    'PyTorch',
    'TensorFlow / ours',
    'PyTorch / ours',
    `at least ${FLOOR}`,
  ];
  return [{ columns, rows }];
}
