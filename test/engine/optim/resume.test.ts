/**
 * A run of each optimizer that ends after some steps and resumes from its checkpoint has the same bits as an
 * uninterrupted one.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { loadCheckpointState, openCheckpoint, writeCheckpoint } from '../../../src/main/engine/train/checkpoint';
import type { Executor } from '../../../src/main/engine/types';
import { inputsOf, OPTIM_CASES, optimProgram, startOf, type OptimCase } from '../../golden/optim/optim-program';
import { engineMissing, loaded } from '../../support/engine';
import { temporary } from '../../support/training';

/** Each optimizer with layer decay, clipping and EMA. */
const CASES = OPTIM_CASES.filter(({ layers }) => layers).map((example) => ({ ...example, clip: 1 }));
const [INTERRUPTED, STEPS] = [7, 20];
const SLOTS = { adamw: ['m', 'v'], lamb: ['m', 'v'], sgd: ['momentum'], lars: ['momentum'] };

function run(executor: Executor, example: OptimCase, from: number, to: number): void {
  for (let step = from; step < to; step++) executor.run('step', inputsOf(example, step));
}

async function expectResumed(open: (example: OptimCase) => Executor, example: OptimCase): Promise<void> {
  const alone = open(example);
  alone.write(startOf(example));
  run(alone, example, 0, STEPS);

  const first = open(example);
  first.write(startOf(example));
  run(first, example, 0, INTERRUPTED);
  const { folder } = writeCheckpoint(temporary('optim'), first.read(), {
    ...{ step: INTERRUPTED, equivalent_epochs: 1, best: null, wall_seconds: 1, intra_op_threads: 1 },
  });
  first.dispose();

  const state = loadCheckpointState(await openCheckpoint(folder));
  const slots = SLOTS[example.optimizer.name as keyof typeof SLOTS];
  for (const slot of slots) expect(state[`matrix/${slot}`]?.some((value) => value !== 0)).toBe(true);
  const second = open(example);
  second.write(state);
  run(second, example, INTERRUPTED, STEPS);
  expect(second.read()).toEqual(alone.read());
  alone.dispose();
  second.dispose();
}

it('no optimizer is left out', () => {
  expect(CASES.map(({ optimizer }) => optimizer.name).toSorted()).toEqual(Object.keys(SLOTS).toSorted());
});

describe.each(CASES)('$optimizer.name', (example) => {
  it.skipIf(engineMissing)('captured', async () => {
    const cacheFolder = temporary('optim-graphs');
    const open = (): Executor =>
      openProgram({ build: () => optimProgram(example), key: example.id, cacheFolder }).executor;
    await expectResumed(open, example);
  });

  it('eager', () => expectResumed(() => new EagerExecutor(optimProgram(example), loaded), example));
});
