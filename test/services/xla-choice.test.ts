/** `engine.xla`: who decides, and that runs follow. No GPU was available, so measured times are given. */
import { describe, expect, it, vi } from 'vitest';
import { readFileSync } from 'node:fs';
import { COMPILED_BY_XLA, withSessionConfig } from '../../src/main/engine/backend/session-config';
import type { MeasuredStage, MeasureOptions } from '../../src/main/services/preflight/dry-run';
import { chooseXla, xlaFor } from '../../src/main/services/preflight/xla-choice';
import type { RunDevice } from '../../src/shared/contract/devices';
import { buildPlan } from '../../src/shared/curriculum/plan';
import { runConfigSchema } from '../../src/shared/run-config';
import { temporary } from '../support/training';

const GPU: RunDevice = { kind: 'gpu', index: 0, uuid: 'GPU-aaaa', name: 'NVIDIA H100' };
const PROCESSOR: RunDevice = { kind: 'cpu' };
const stage = (bandwidth: number, step_seconds: number): MeasuredStage => ({
  ...{ bandwidth, batch: 8, step_seconds, peak_bytes: 1 },
});

function optionsOf(xla: 'off' | 'on' | 'auto', home = temporary('xla'), model = 'resnet18'): MeasureOptions {
  const stages = [96, 128].map((bandwidth) => ({ bandwidth, magnitude: 0, share: 0.5 }));
  const schedule = { equivalent_epochs: 2, stages };
  const config = runConfigSchema.parse({
    dataset: 'd',
    model,
    size: 128,
    schedule,
    data: { batch: 8 },
    engine: { xla },
  });
  return { home, config, classes: 2, plan: buildPlan(config, 100, () => 1), onStage: () => undefined };
}
const measured = [stage(96, 0.1), stage(128, 0.9)];

describe('auto', () => {
  it('takes XLA where a preflight has found it faster, at the slowest size', async () => {
    const options = optionsOf('auto');
    const { home, config } = options;
    expect(xlaFor(home, config, GPU), 'before').toBe(false);
    const measure = vi.fn(() => Promise.resolve([stage(128, 0.6)]));
    expect(await chooseXla(options, measured, GPU, measure)).toMatchObject({
      id: 'xla',
      code: 'taken',
      facts: { gain: 1.5, bandwidth: 128 },
    });
    expect(measure).toHaveBeenCalledWith(
      expect.objectContaining({
        xla: true,
        plan: expect.objectContaining({ stages: [options.plan.stages[1]] }) as unknown,
      }),
    );
    expect(xlaFor(home, config, GPU)).toBe(true);
    // The choice doesn't apply to another GPU, another network, or the processor.
    expect(xlaFor(home, config, { ...GPU, name: 'NVIDIA L4' })).toBe(false);
    expect(xlaFor(home, optionsOf('auto', home, 'resnet50').config, GPU)).toBe(false);
    expect(xlaFor(home, config, PROCESSOR)).toBe(false);
  });
  it('leaves it where it is slower or fails, also where it was taken before', async () => {
    const options = optionsOf('auto');
    const { home, config } = options;
    await chooseXla(options, measured, GPU, () => Promise.resolve([stage(128, 0.6)]));
    expect(await chooseXla(options, measured, GPU, () => Promise.resolve([stage(128, 0.9)]))).toMatchObject({
      code: 'left',
    });
    expect(xlaFor(home, config, GPU)).toBe(false);
    const failing = (): Promise<never> => Promise.reject(new Error('libdevice not found\nmore'));
    expect(await chooseXla(options, measured, GPU, failing)).toMatchObject({
      code: 'refused',
      facts: { why: 'libdevice not found' },
    });
    expect(xlaFor(home, config, GPU)).toBe(false);
  });
});

it('off and on ask nobody, and the processor is never compiled for', async () => {
  const never = (): never => expect.fail('measured');
  for (const xla of ['off', 'on'] as const) {
    const options = optionsOf(xla);
    expect(await chooseXla(options, measured, GPU, never)).toBeNull();
    expect(xlaFor(options.home, options.config, GPU)).toBe(xla === 'on');
    expect(xlaFor(options.home, options.config, PROCESSOR)).toBe(false);
  }
  expect(await chooseXla(optionsOf('auto'), measured, PROCESSOR, never)).toBeNull();
});

it('a session is made with its configuration, and the next one without', () => {
  vi.stubEnv('TENSORFLOW_SESSION_CONFIG', undefined);
  const seen = withSessionConfig(COMPILED_BY_XLA, () => readFileSync(process.env['TENSORFLOW_SESSION_CONFIG'] ?? ''));
  expect(Uint8Array.from(seen)).toEqual(COMPILED_BY_XLA);
  expect(process.env['TENSORFLOW_SESSION_CONFIG']).toBeUndefined();
  vi.unstubAllEnvs();
});
