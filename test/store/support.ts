import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Plan } from '../../src/shared/curriculum/plan';
import { runConfigSchema } from '../../src/shared/run-config';
import { databasePath, runFolder } from '../../src/main/base/home';
import type { Entry } from '../../src/main/store/entries';
import { createRun, type Run, type RunParent } from '../../src/main/store/runs';
import type { Store } from '../../src/main/store/open';

export const temporaryHome = (): string => mkdtempSync(join(tmpdir(), 'store-test-'));

export interface HomeFiles {
  path: string;
  spoolPath: string;
}

export const filesOf = (home: string, runId: string): HomeFiles => ({
  path: databasePath(home),
  spoolPath: join(runFolder(home, runId), 'pending.ndjson'),
});

/** Makes the entry of a step's values: ten milliseconds a step, and a hundred steps an equivalent epoch. */
export const pointsAt = (step: number, values: Record<string, number>): Entry => ({
  kind: 'points',
  step,
  values,
  wallMs: step * 10,
  equivalentEpochs: step / 100,
});

export function testPlan(steps = 1000): Plan {
  const stage = {
    magnitude: 0,
    magnitude_end: 0,
    batch: 8,
    share: 0.5,
    passes: 10,
    images: steps * 4,
    lr_start: 1e-3,
    lr_end: 1e-4,
    replay_times: 1,
    images_decoded: steps * 4,
  };
  const stages = [
    { ...stage, bandwidth: 16, first_step: 0, steps: steps / 2 },
    { ...stage, bandwidth: 32, first_step: steps / 2, steps: steps / 2 },
  ];
  return {
    stages,
    samples: 100,
    adaptive: null,
    totals: {
      equivalent_epochs: 10,
      passes: 20,
      steps,
      images: steps * 8,
      images_decoded: steps * 8,
      flops: 1e9,
      teacher_flops: 0,
      speedup: 1.5,
    },
  };
}

export function addRun(
  store: Store,
  changes: Record<string, unknown> = {},
  steps = 1000,
  parent: RunParent | null = null,
): Run {
  const config = runConfigSchema.parse({
    dataset: 'flowers',
    model: 'resnet18',
    size: 32,
    schedule: {
      stages: [
        { bandwidth: 16, magnitude: 0, share: 0.5 },
        { bandwidth: 32, magnitude: 9, share: 0.5 },
      ],
    },
    ...changes,
  });
  return createRun(store, { config, origin: { model: 'flag' }, plan: testPlan(steps), parent });
}
