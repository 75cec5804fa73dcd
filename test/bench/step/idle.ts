/**
 * Measures how long a device that computes by itself, as a GPU does, is idle between two steps because the next one has
 * not been issued.
 */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import type { busyLoop, BusyCase } from '../../support/waiting/busy-loop';
import { median, type Table } from '../support/samples';

const ROUNDS = 7;
/**
 * Time of a step, in milliseconds. A GPU's step at this size would take longer; the shorter it is, the less time there
 * is for the next batch.
 */
const MILLISECONDS = 10;
const [SIZE, BATCH] = [224, 256];
const MODELS = ['deit_small_patch16_224', 'resnet50'];
/** Largest share of a step's time that may be idle. */
const LIMIT = 0.03;

export const title = 'A device kept busy';
export const notes = [
  'The training loop of a real run over a device that is imitated: an op that sleeps and uses no processor (test/support/waiting).',
  `A step takes ${MILLISECONDS} ms for ${BATCH} images of ${SIZE} px, whose 38 MB are ready in a loader's memory; the loop takes the batch, draws`,
  `mixing and masks, hands the step over and reads its results. Idle: of the time from the first step to the last, what lies between the`,
  `end of one and the beginning of the next. Medians of ${ROUNDS} rounds. What else the machine does adds to it, so the share by the`,
  'median gap between two steps is given as well. In an evaluation 256 x 1000 scores a batch are read and counted meanwhile.',
].join('\n');

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`;
const percents = (shares: readonly number[]): string =>
  `${percent(median([...shares]))} (${percent(Math.min(...shares))} to ${percent(Math.max(...shares))})`;

type Round = Awaited<ReturnType<typeof busyLoop>>;

function round(model: string, steps: number): Round {
  const one: BusyCase = { model, size: SIZE, batch: BATCH, steps, milliseconds: MILLISECONDS };
  const runner = join(import.meta.dirname, '..', 'support', 'run-typescript.mjs');
  const side = join(import.meta.dirname, 'idle-side.ts');
  const { status, stdout, stderr } = spawnSync(process.execPath, [runner, side, JSON.stringify(one)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the loop could not be measured:\n${stderr}`);
  return JSON.parse(stdout) as Round;
}

export function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  const rows = MODELS.flatMap((model) => {
    const rounds = Array.from({ length: quick ? 1 : ROUNDS }, () => round(model, quick ? 50 : 200));
    return (['training', 'evaluation'] as const).map((what) => {
      const whole = rounds.map((made) => made[what].whole);
      const typical = rounds.map((made) => made[what].median);
      log(`${model}, ${what}: idle ${percents(whole)}, by the median gap ${percents(typical)}`);
      return [model, what, percents(whole), percents(typical), median(whole) < LIMIT ? 'yes' : 'no'];
    });
  });
  const columns = [
    'model',
    'loop',
    'idle, of all the time',
    'by the median gap',
    `all the time under ${percent(LIMIT)}`,
  ];
  return Promise.resolve([{ columns, rows }]);
}
