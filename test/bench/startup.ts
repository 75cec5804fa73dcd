/**
 * Measures the time from the command to the first step, with and without a stored graph, and the cost of a new size's
 * first step.
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { graphCacheFolder } from '../../src/main/base/home';
import type { Dataset } from '../../src/main/store/datasets';
import { peerPython } from '../support/peer-python.mjs';
import { importFolder, look, newRun, train } from '../support/training';
import { median, spread, type Table } from './support/samples';
import { Side } from './support/side';

const photographs = join(import.meta.dirname, '../../..', 'shared', 'data', 'flowers');
const MODELS = ['deit_tiny_patch16_224', 'resnet18'];
const [ROUNDS, FIRST_STEP_S, BORDER_S] = [7, 10, 1];
const THREADS = Math.min(2, cpus().length);
const [SIZE, BATCH] = [224, 16];
const STAGES = [96, 160, 224].map((bandwidth, index) => ({
  bandwidth,
  magnitude: index,
  share: [0.2, 0.3, 0.5][index],
}));

export const title = 'Starting';
export const peer = true;
export const notes = [
  `A run on ../shared/data/flowers at ${SIZE} px, batch ${BATCH}, ${THREADS} threads, through the sizes ${STAGES.map(({ bandwidth }) => bandwidth).join(', ')}. First step: from the start of the trainer’s process to the first finished step that it tells`,
  'of (several times a second). A graph is stored when it was made once: “graph made” begins without it. PyTorch + timm: from the start of Python to the first finished step on a batch that is ready, with no data to',
  `load. ${ROUNDS} rounds in which the sides take turns. Border: by how much the first step of a size, with its wait for images, is longer than the median of that stage.`,
].join('\n');

interface Started {
  firstStep: number;
  borders: number[];
}

async function start(home: string, dataset: Dataset, model: string): Promise<Started> {
  const set = [`schedule.stages=${JSON.stringify(STAGES)}`, `data.batch=${BATCH}`, 'eval.every=1000', 'data.workers=2'];
  const run = newRun(home, dataset, { model, size: SIZE, epochs: 0.4, preset: 'constant', set });
  const begun = performance.now();
  let firstStep = 0;
  const trainer = train(home, run, (message) => {
    if (message.type === 'progress' && message.step > 0 && !firstStep) firstStep = performance.now() - begun;
  });
  const { code } = await trainer.ended;
  if (code !== 0) throw new Error(`${model} ended with ${code}`);
  const { series } = look(home, run.id);
  const ms = (series['compute_ms'] ?? []).map(
    ({ value }, at) => (value as number) + ((series['loader_wait_ms']?.[at]?.value ?? 0) as number),
  );
  const borders = run.plan.stages.slice(1).map(({ first_step, steps }) => {
    const own = ms.slice(first_step, first_step + steps);
    return (own[0] as number) - median(own.slice(1));
  });
  return { firstStep, borders };
}

async function peerStart(model: string): Promise<number> {
  const settings = { channels_last: !model.includes('deit'), compile: false, autocast: false };
  const [{ bandwidth } = { bandwidth: SIZE }] = STAGES;
  const text = JSON.stringify({ model, bandwidth, size: SIZE, batch: BATCH, threads: THREADS, ...settings });
  const begun = performance.now();
  const side = Side.start('PyTorch', peerPython(), [join(import.meta.dirname, 'step', 'peer.py'), text]);
  try {
    await side.ask({ steps: 1 });
    return performance.now() - begun;
  } finally {
    await side.close();
  }
}

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  if (!existsSync(photographs)) throw new Error(`${photographs} is not there: the measurement needs its images`);
  const home = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  const rows: string[][] = [];
  try {
    const dataset = await importFolder(home, photographs);
    for (const model of quick ? MODELS.slice(0, 1) : MODELS) {
      const [made, stored, peer, borders]: [number[], number[], number[], number[]] = [[], [], [], []];
      for (let time = 0; time < (quick ? 1 : ROUNDS); time++) {
        rmSync(graphCacheFolder(home), { recursive: true, force: true });
        made.push((await start(home, dataset, model)).firstStep);
        peer.push(await peerStart(model));
        const again = await start(home, dataset, model);
        stored.push(again.firstStep);
        borders.push(...again.borders);
      }
      const seconds = (values: readonly number[]): string =>
        spread(
          values.map((ms) => ms / 1000),
          's',
        );
      const met = median(made) < 1000 * FIRST_STEP_S && median(borders) < 1000 * BORDER_S;
      log(
        `${model}: ${seconds(made)}, stored ${seconds(stored)}, PyTorch ${seconds(peer)}; border ${spread(borders, 'ms')}`,
      );
      rows.push([model, seconds(made), seconds(stored), seconds(peer), spread(borders, 'ms'), met ? 'yes' : 'no']);
    }
  } finally {
    rmSync(home, { recursive: true, force: true });
  }
  const columns = [
    'model',
    'first step, graph made',
    'first step, graph stored',
    'PyTorch',
    'border',
    `< ${FIRST_STEP_S} s, < ${BORDER_S} s`,
  ];
  return [{ columns, rows }];
}
