/** What a run that branches from another pays for itself. */
import { describe, expect, it } from 'vitest';
import {
  firstStepOf,
  ownEquivalentEpochs,
  ownPart,
  parseBranch,
  stagesTakenOver,
} from '../../src/shared/curriculum/branch';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { runConfigSchema } from '../../src/shared/run-config';

const config = (branch: string | null) =>
  runConfigSchema.parse({
    ...{ dataset: 'd', task: 'classify', model: 'resnet_micro', size: 32, branch },
    schedule: {
      equivalent_epochs: 6,
      stages: [16, 24, 32].map((bandwidth) => ({ bandwidth, magnitude: 0, share: 1 / 3 })),
    },
  });
const runOf = (branch: string | null) => ({
  config: config(branch),
  plan: buildPlan(config(branch), 6400, (side) => side ** 2),
});

describe('a branch', () => {
  it('is named by a run and the number of stages that it takes over', () => {
    expect(parseBranch('k3m9@2')).toEqual({ run: 'k3m9', stages: 2 });
    expect(parseBranch('a@b@10')).toEqual({ run: 'a@b', stages: 10 });
    for (const text of ['k3m9', 'k3m9@', '@2', 'k3m9@x']) expect(parseBranch(text)).toBeNull();
  });
  it('trains and pays for its later stages', () => {
    const [whole, tail] = [runOf(null), runOf('k3m9@2')];
    expect(stagesTakenOver(tail.config)).toBe(2);
    expect(ownPart(whole)).toEqual(whole.plan);
    expect(ownPart(tail)).toEqual({ ...tail.plan, stages: [tail.plan.stages[2]] });
    expect(firstStepOf(tail)).toBe(tail.plan.stages[2]?.first_step);
    expect(ownEquivalentEpochs(whole)).toBeCloseTo(6, 1);
    expect(ownEquivalentEpochs(tail)).toBeCloseTo(2, 1);
  });
});
