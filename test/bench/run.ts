/**
 * Measures a whole short run, from the start of training to its last evaluation, beside the same recipe in PyTorch +
 * timm.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { data, sidesIn } from '../results/sides.mjs';
import { peerPython } from '../support/peer-python.mjs';
import { median, spread, type Table } from './support/samples';

const THREADS = Math.min(2, cpus().length);
const ROUNDS = 7;
const [WALL_FLOOR, COMPUTE_LIMIT] = [1.1, 1.1];
/** Evaluates only where a stage ends, and PyTorch at the same steps, which is enough for two epochs. */
const STAGE_ENDS = 'eval.every=1000';
const CASES = [
  {
    dataset: 'flowers',
    model: 'resnet18',
    size: 96,
    epochs: 2,
    batch: 32,
    set: ['optimizer.base_lr=0.128', STAGE_ENDS],
  },
  { dataset: 'flowers', model: 'deit_tiny_patch16_224', size: 96, epochs: 2, batch: 32, set: [STAGE_ENDS] },
];

export const title = 'A whole run';
export const peer = true;
export const notes = [
  `efficienttrain++ on ../shared/data/flowers, ${THREADS} threads and 2 loader workers on each side, ${ROUNDS} rounds, ours first. Wall: start of training to the end of its last evaluation. Both evaluate the weights and their average behind every stage, in one pass over the images.`,
  'Stages over steps: the time from step to step of all stages, over the time that the steps themselves took; the rest is waiting for images and bookkeeping.',
].join('\n');

interface Stage {
  bandwidth: number;
  seconds: number;
  compute_seconds: number;
}

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  if (!existsSync(data)) throw new Error(`${data} is not there: the measurement needs its images`);
  const work = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  const sides = sidesIn(work, THREADS);
  const interpreter = peerPython();
  const rows: string[][] = [];
  const stageRows: string[][] = [];
  try {
    for (const example of quick ? CASES.slice(0, 1) : CASES) {
      const dataset = sides.importOnce(example.dataset);
      const [ours, theirs, overhead]: [number[], number[], number[]] = [[], [], []];
      let stages: Stage[] = [];
      for (let seed = 0; seed < (quick ? 1 : ROUNDS); seed++) {
        const own = sides.ours(example, 'efficienttrain++', seed);
        ours.push(own.wall_seconds);
        theirs.push(sides.peer(interpreter, dataset, own).wall_seconds);
        stages = own.stages as Stage[];
        const sum = (part: 'seconds' | 'compute_seconds'): number =>
          stages.reduce((total, stage) => total + stage[part], 0);
        overhead.push(sum('seconds') / sum('compute_seconds'));
      }
      const ratios = ours.map((value, round) => (theirs[round] as number) / value);
      const met = median(ratios) >= WALL_FLOOR && median(overhead) <= COMPUTE_LIMIT;
      const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
      log(
        `${example.model}: ours ${spread(ours, 's')}, PyTorch ${spread(theirs, 's')}, stages over steps ${median(overhead).toFixed(3)}`,
      );
      rows.push([
        ...[
          `${example.model}, ${example.size} px`,
          spread(ours, 's'),
          spread(theirs, 's'),
          ratio,
          median(overhead).toFixed(3),
        ],
        met ? 'yes' : 'no',
      ]);
      for (const [at, { bandwidth, seconds, compute_seconds: compute }] of stages.entries())
        stageRows.push([
          ...[example.model, String(at + 1), String(bandwidth), `${seconds.toFixed(1)} s`, `${compute.toFixed(1)} s`],
          (seconds / compute).toFixed(3),
        ]);
    }
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  const columns = [
    'run',
    'ours',
    'PyTorch',
    'PyTorch / ours',
    'stages over steps',
    `>= ${WALL_FLOOR}, <= ${COMPUTE_LIMIT}`,
  ];
  return [
    { columns, rows },
    {
      title: 'Stages of the last round, ours',
      columns: ['model', 'stage', 'B', 'stage', 'steps', 'over'],
      rows: stageRows,
    },
  ];
}
