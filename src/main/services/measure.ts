/** What a run will take, from a few timed steps of each stage and the size of its state. */
import type { Plan } from '../../shared/curriculum/plan';
import { learningRateAt } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { applyEngineEnvironment } from '../engine/backend/environment';
import { openProgram } from '../engine/capture/open';
import { mixParams } from '../engine/data/augment/mix';
import { initialState, trainSignature } from '../engine/tasks/classify';
import { stepInputs } from '../engine/tasks/step-inputs';
import { trainingSetup } from '../engine/train/setup';
import { graphCacheFolder } from '../home';
import { rngOf } from '../../shared/random';

const TIMED_STEPS = 3;

/** Bytes of one checkpoint. */
export function stateBytes(config: RunConfig, classes: number, plan: Plan): number {
  const { variables } = trainingSetup(config, classes, plan.stages).program();
  return Object.values(variables).reduce((sum, { shape }) => sum + shape.reduce((product, length) => product * length, 4), 0);
}

/** Hours of pure training steps; the first step of each size, which also builds its kernels, is left out. */
export function measureHours(
  home: string,
  config: RunConfig,
  classes: number,
  plan: Plan,
  onStage: (stage: number) => void,
): number {
  applyEngineEnvironment({ intraOpThreads: config.engine.intra_op_threads, interOpThreads: config.engine.inter_op_threads });
  const setup = trainingSetup(config, classes, plan.stages);
  const { executor } = openProgram({ build: setup.program, key: setup.key, cacheFolder: graphCacheFolder(home) });
  executor.write(initialState(setup.classify, config.seed));
  const known = new Map<string, number>();
  let seconds = 0;
  for (const [index, { bandwidth, batch, steps, first_step }] of plan.stages.entries()) {
    const name = trainSignature(bandwidth, batch);
    if (!known.has(name)) {
      onStage(index);
      const rng = rngOf(0, index);
      const images = Uint8Array.from({ length: batch * config.size * config.size * 3 }, () => rng.uint32() & 255);
      const labels = Int32Array.from({ length: batch }, () => rng.below(classes));
      const inputs = stepInputs(
        setup.model,
        { step: first_step, images, labels, erase: new Int32Array(batch * 4), waitMs: 0 },
        mixParams(0, 0, bandwidth, config.data),
        {
          ...{
            seed: 0,
            lr: Math.min(learningRateAt(plan, config, first_step), 1e-6),
            betas: config.optimizer.betas,
            emaDecay: 0.999,
          },
        },
      );
      const times = Array.from({ length: TIMED_STEPS + 1 }, () => {
        const begun = performance.now();
        executor.run(name, inputs);
        return performance.now() - begun;
      });
      known.set(name, times.slice(1).sort((a, b) => a - b)[TIMED_STEPS >> 1] as number);
    }
    seconds += (steps * (known.get(name) as number)) / 1000;
  }
  executor.dispose();
  return seconds / 3600;
}
