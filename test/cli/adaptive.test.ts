/** An adaptive schedule on the command line: it is called an experiment, and its borders have bounds. */
import { describe, expect, it } from 'vitest';
import { command as plan } from '../../src/main/cli/commands/plan';
import { command as presets } from '../../src/main/cli/commands/presets';
import type { Plan } from '../../src/shared/curriculum/plan';
import { callOf } from '../support/command-call';
import { temporary } from '../support/training';

const home = temporary('adaptive-plan');
const planOf = async (values: Record<string, unknown>) => {
  const asked = { model: 'resnet50', batch: '512', ...values } as Parameters<typeof callOf>[2];
  const { json, text } = await plan.run(callOf(home, [], asked));
  return { text, plan: (json as { plan: Plan }).plan };
};

describe('plan --preset adaptive', () => {
  it('says that borders are decided while the run trains, and within which bounds', async () => {
    const { text, plan: laidOut } = await planOf({ preset: 'adaptive' });
    expect(laidOut.totals.equivalent_epochs).toBeCloseTo(200, 1);
    expect(laidOut.stages.map(({ bandwidth }) => bandwidth)).toEqual([96, 160, 224]);
    expect(laidOut.adaptive).toMatchObject({ decided: 0, stages: { length: 3 } });
    expect(laidOut.adaptive?.stages[1]).toMatchObject({
      end_min: expect.closeTo(0.3, 6),
      end_max: expect.closeTo(0.8, 6),
    });
    expect(text).toContain('Adaptive (an experiment): the borders are decided while the run trains.');
    expect(text).toMatch(/stage 1 ends at 10\.0 % to 30\.0 %, stage 2 ends at 30\.0 % to 80\.0 %\./);
    expect(text).toMatch(/It takes [\d,]+ to [\d,]+ steps/);
  });

  it('has another preset say nothing of it', async () => {
    const { text, plan: laidOut } = await planOf({ preset: 'efficienttrain++' });
    expect(laidOut.adaptive).toBeNull();
    expect(text).not.toContain('experiment');
  });

  it('takes the rule by --set, for any stages', async () => {
    const { plan: laidOut } = await planOf({
      preset: 'three-stage',
      set: ['schedule.adaptive.max=1.2', ...[0, 1].map((stage) => `schedule.stages.${stage}.magnitude_end=null`)],
    });
    expect(laidOut.adaptive?.stages).toHaveLength(3);
    await expect(planOf({ preset: 'adaptive', set: ['schedule.stages.1.bandwidth=64'] })).rejects.toThrow(
      'does not fit',
    );
  });
});

it('presets calls it an experiment', async () => {
  const { json } = await presets.run(callOf(home, ['adaptive'], {}));
  expect(json).toMatchObject({
    presets: [{ id: 'adaptive', title: expect.stringContaining('experiment'), adaptive: { patience: 2 } }],
  });
});
