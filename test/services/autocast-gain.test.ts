import { describe, expect, it } from 'vitest';
import { autocastGain } from '../../src/main/services/preflight/autocast-gain';
import { hasBfloat16 } from '../../src/main/services/doctor/cpu-features';
import type { MeasuredStage, MeasureOptions } from '../../src/main/services/preflight/dry-run';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { runConfigSchema, type RunConfig } from '../../src/shared/run-config';

const stage = (bandwidth: number, step_seconds: number): MeasuredStage => ({
  ...{ bandwidth, batch: 8, step_seconds },
  peak_bytes: 1,
});

function optionsOf(autocast: boolean): MeasureOptions {
  const stages = [96, 128, 128].map((bandwidth, at) => ({ bandwidth, magnitude: 0, share: [0.5, 0.25, 0.25][at] }));
  const schedule = { equivalent_epochs: 2, stages };
  const config = runConfigSchema.parse({
    ...{ dataset: 'd', model: 'resnet18', size: 128, schedule, data: { batch: 8 }, engine: { autocast } },
  });
  return { home: '/nowhere', config, classes: 2, plan: buildPlan(config, 100, () => 1), onStage: () => undefined };
}

describe('what bfloat16 would bring', () => {
  it('is measured at the slowest size, with autocast on, and told as a ratio', async () => {
    const asked: { config: RunConfig; sizes: number[] }[] = [];
    const found = await autocastGain(optionsOf(false), [stage(96, 0.1), stage(128, 0.9)], ({ config, plan }) => {
      asked.push({ config, sizes: plan.stages.map(({ bandwidth }) => bandwidth) });
      return Promise.resolve([stage(128, 0.5)]);
    });
    expect(asked.map(({ config, sizes }) => [config.engine.autocast, sizes])).toEqual([[true, [128]]]);
    expect(found).toMatchObject({ id: 'autocast', state: 'good', code: 'gain', facts: { gain: 1.8, bandwidth: 128 } });
  });

  it('is not told where it is little, nor asked where a run has it', async () => {
    expect(
      await autocastGain(optionsOf(false), [stage(128, 0.5)], () => Promise.resolve([stage(128, 0.48)])),
    ).toBeNull();
    expect(await autocastGain(optionsOf(true), [stage(128, 0.5)], () => expect.fail('measured'))).toBeNull();
  });

  it('needs units for it', () => {
    expect(hasBfloat16(['avx2', 'fma', 'avx512f'])).toBe(false);
    expect(hasBfloat16(['avx512f', 'avx512_bf16'])).toBe(true);
    expect(hasBfloat16(null)).toBe(false);
  });
});
