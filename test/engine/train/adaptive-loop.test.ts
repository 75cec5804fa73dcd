/** The loop of a run that decides its borders during training, with a device whose loss is a function of the step. */
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import type { EvalLoader } from '../../../src/main/engine/data/loader/eval-loader';
import { modelEntry } from '../../../src/main/engine/models';
import { AdaptiveBorders } from '../../../src/main/engine/train/adaptive-borders';
import { newestCheckpoint } from '../../../src/main/engine/train/checkpoint';
import { TrainLoop, type LoopStart } from '../../../src/main/engine/train/loop';
import type { TrainObserver } from '../../../src/main/engine/train/observer';
import { trainingSetup } from '../../../src/main/engine/train/setup';
import type { Executor, TrainLoader } from '../../../src/main/engine/types';
import type { BorderDecision } from '../../../src/shared/contract/borders';
import { adaptivePlan, adaptiveStart, type AdaptiveState } from '../../../src/shared/curriculum/adaptive';
import type { Plan } from '../../../src/shared/curriculum/plan';
import { resolveConfig } from '../../../src/shared/run-config-resolve';
import { SILENT } from '../../support/silent-observer';

const [BATCH, SAMPLES, CLASSES, SIZE] = [4, 40, 2, 32];
const { config } = resolveConfig({
  ...{ dataset: 'd', model: modelEntry('resnet_micro'), preset: 'adaptive', set: ['schedule.adaptive.window=0.05'] },
  flags: { size: SIZE, 'schedule.equivalent_epochs': 4, 'data.batch': BATCH, 'eval.every': 1, 'eval.batch': BATCH },
});
const { adaptive } = config.schedule;
if (!adaptive) throw new Error('the preset is not adaptive');
const parts = { config: { ...config, schedule: { ...config.schedule, adaptive } }, samples: SAMPLES, macs: () => 1 };

/** The loss first falls fast and then hardly, so that the first stage ends before its latest border. */
const lossAt = (step: number): number => 1 + 1 / (1 + step) ** 2;

/** Trains from a state to the end, or until a pause is requested before a step. */
async function trained(folder: string, start: LoopStart, state: AdaptiveState, pauseAt = Infinity) {
  const borders = new AdaptiveBorders(parts, (decided) => adaptivePlan(parts, decided), state);
  const told = {
    decisions: [] as BorderDecision[],
    losses: [] as [number, number, number][],
    loadedFrom: [] as number[],
  };
  let step = start.step;
  const loaderFrom = (plan: Plan, from: number): TrainLoader => {
    let next = from;
    told.loadedFrom.push(from);
    return {
      next: () => {
        if (next >= plan.totals.steps) throw new Error(`step ${next} is past the end`);
        const images = new Uint8Array(BATCH * SIZE * SIZE * 3);
        const labels = new Int32Array(BATCH);
        return { step: next++, images, labels, erase: new Int32Array(BATCH * 4), waitMs: 0, decoded: BATCH };
      },
      release: () => undefined,
      problems: () => [],
      close: () => Promise.resolve(),
    };
  };
  const evalLoader: EvalLoader = {
    *batches() {
      yield { images: new Uint8Array(0), labels: new Int32Array(BATCH) };
    },
    problems: () => [],
    close: () => Promise.resolve(),
  };
  const scores = { logits: Float32Array.from({ length: 2 * BATCH }, () => 0), losses: new Float32Array(BATCH) };
  const run: Executor['run'] = (name) =>
    name.startsWith('evaluate')
      ? scores
      : { loss: Float32Array.of(lossAt(step++)), grad_norm: Float32Array.of(1), correct: Float32Array.of(0) };
  const executor: Executor = {
    kind: 'eager',
    start: (name, inputs) => {
      const outputs = run(name, inputs);
      return { wait: () => ({ outputs, milliseconds: 0, idleBefore: 0 }) };
    },
    ...{ run, prepare: () => undefined, write: () => undefined, read: () => ({ w: Float32Array.of(step) }) },
    dispose: () => undefined,
  };
  let finished = start.step;
  const observer: TrainObserver = {
    ...SILENT,
    step: ({ step: at, values }) => {
      const { 'train/loss': loss, lr } = values;
      if (loss === undefined) return;
      finished = at;
      told.losses.push([at, loss, lr ?? 0]);
    },
    decided: (decision) => told.decisions.push(decision),
    requested: () => (finished >= pauseAt ? 'pause' : null),
  };
  const end = await new TrainLoop({
    ...{ config, plan: borders.plan, setup: trainingSetup(config, CLASSES, borders.plan.stages), executor, evalLoader },
    ...{ adaptive: { borders, reload: (plan, from) => Promise.resolve(loaderFrom(plan, from)) }, observer, start },
    ...{ loader: loaderFrom(borders.plan, start.step), stateNames: ['w'], runFolder: folder, knn: null },
    ...{ evalImages: BATCH, intraOpThreads: 2, instructionSet: 'avx2' },
  }).run();
  return { ...told, end, plan: borders.plan };
}

const folder = (): string => mkdtempSync(join(tmpdir(), 'adaptive-loop-'));
const BEGINNING: LoopStart = { step: 0, saved: false, evaluationDue: false, best: null, wallSeconds: 0, spent: null };

it('an adaptive run ends with the plan in force, and loads anew from each border', async () => {
  const { end, plan, decisions, losses, loadedFrom } = await trained(folder(), BEGINNING, adaptiveStart());
  expect(end).toMatchObject({ outcome: 'completed', step: plan.totals.steps });
  expect(losses.map(([step]) => step)).toEqual(Array.from({ length: plan.totals.steps }, (_, index) => index + 1));
  expect(decisions.map(({ reason }) => reason)).toContain('pays_too_little');
  expect(loadedFrom).toEqual([0, ...decisions.map(({ step }) => step)]);
  expect(plan.totals.steps).toBeLessThan(adaptivePlan(parts, []).totals.steps);
});

it('an adaptive run that is paused anywhere decides and trains as an uninterrupted one', async () => {
  const whole = await trained(folder(), BEGINNING, adaptiveStart());
  const [border = 0] = whole.decisions.map(({ step }) => step);
  for (const pauseAt of [3, border - 1, border, border + 1]) {
    const home = folder();
    const first = await trained(home, BEGINNING, adaptiveStart(), pauseAt);
    expect(first.end.outcome).toBe('paused');
    const info = (await newestCheckpoint(home)).checkpoint?.info;
    if (!info?.adaptive) throw new Error('the checkpoint has no state of the borders');
    const start = { ...BEGINNING, step: info.step, saved: true, evaluationDue: info.evaluation_due ?? false };
    const second = await trained(home, start, info.adaptive);
    expect([...first.losses, ...second.losses]).toEqual(whole.losses);
    expect([...first.decisions, ...second.decisions]).toEqual(whole.decisions);
    expect(second.plan).toEqual(whole.plan);
  }
});
