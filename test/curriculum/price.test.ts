import { describe, expect, it } from 'vitest';
import { planText } from '../../src/main/cli/plan-text';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { defaultReference, differsFromOne, priceOf } from '../../src/shared/curriculum/price';
import { resolveConfig } from '../../src/shared/run-config-resolve';
import { modelEntry } from '../../src/main/engine/models';

const IMAGES = 1_281_167;
const textOf = (preset: string, epochs: number, reference: number | null = null): string => {
  const model = modelEntry('deit_tiny_patch16_224');
  const { config } = resolveConfig({ dataset: 'd', model, preset, flags: { 'schedule.equivalent_epochs': epochs } });
  const plan = buildPlan(config, IMAGES, (size) => size * size);
  return planText(plan, config, { hours: null, disk_bytes: 0, reference });
};

describe('what compute buys', () => {
  it('is passes for a price, and a factor against a named reference', () => {
    const price = priceOf({ passes: 518.9, equivalent_epochs: 200 }, 200, null);
    expect(price.passes_per_epoch).toBeCloseTo(2.5945, 9);
    expect([price.reference, price.times_less]).toEqual([300, 1.5]);
    expect(priceOf({ passes: 518.9, equivalent_epochs: 200 }, 200, 100).times_less).toBe(0.5);
  });

  it('the reference is in the papers’ proportion unless it is chosen', () => {
    expect([200, 300, 8].map(defaultReference)).toEqual([300, 450, 12]);
  });

  it('a factor of rounding is none', () => {
    expect([1, 1.004, 0.996, 1.01].map(differsFromOne)).toEqual([false, false, false, true]);
  });
});

describe('the plan as text', () => {
  it('says what the passes cost and names what they are compared with', () => {
    const text = textOf('efficienttrain++', 200);
    expect(text).toMatch(/\d{3}\.\d passes for the price of 200 \(2\.\d\dx more passes per FLOP\)/);
    expect(text).toContain('1.50x less compute than constant for 300 epochs');
    expect(text).not.toMatch(/less compute than as many passes/);
  });

  it('claims nothing of constant training but the reference', () => {
    const text = textOf('constant', 200, 200);
    expect(text).toContain('200.0 passes');
    expect(text).not.toContain('per FLOP');
    expect(text).toContain('as much compute as constant for 200 epochs');
    expect(textOf('constant', 300, 200)).toContain('1.50x more compute than constant for 200 epochs');
  });
});
