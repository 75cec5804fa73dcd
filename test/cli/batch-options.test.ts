/** `train --replay published` and `--early-large-batch`: which fields of each stage they set, and what they refuse. */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { databasePath } from '../../src/main/base/home';
import { withBatchOptions } from '../../src/main/cli/batch-options';
import { earlyBatches } from '../../src/main/services/preflight/early-batches';
import { hostBytes } from '../../src/main/services/preflight/host-bytes';
import { estimateMemory } from '../../src/main/services/preflight/memory-estimate';
import { hostMemoryItem } from '../../src/main/services/preflight/preflight-items';
import type { ResolvedRun, RunRequest } from '../../src/main/services/runs/configs';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore, type Store } from '../../src/main/store/open';
import { engineMissing } from '../support/engine';
import { importFolder, smallSample, temporary } from '../support/training';

const home = temporary('batch-options');
let dataset: Dataset;
let store: Store;
beforeAll(async () => {
  dataset = await importFolder(home, smallSample(join(home, 'signs'), 40));
  store = openStore(databasePath(home));
  return () => store.close();
});

const request = (batch: number, set: string[] = [], model = 'resnet_micro'): RunRequest => ({
  ...{ dataset, model, preset: 'efficienttrain++', set },
  flags: { size: 32, 'schedule.equivalent_epochs': 40, 'data.batch': batch },
});
const resolved = (values: Record<string, string | boolean>, asked: RunRequest): Promise<ResolvedRun> =>
  withBatchOptions(store, values, asked);
const stagesOf = ({ config }: ResolvedRun): [number, number, number | null][] =>
  config.schedule.stages.map(({ bandwidth, replay_times, batch }) => [bandwidth, replay_times, batch]);

describe('--replay', () => {
  it('published sets what the scripts have; without it nothing is replayed', async () => {
    const published = await resolved({ replay: 'published' }, request(128));
    expect(stagesOf(published)).toEqual([
      ...[16, 16].map((side) => [side, 4, null]),
      ...[24, 24, 24, 24].map((side) => [side, 2, null]),
      ...[32, 32, 32, 32].map((side) => [side, 1, null]),
    ]);
    expect(published.plan.totals.images_decoded).toBeLessThan(published.plan.totals.images);
    const plain = await resolved({}, request(128));
    expect(plain.plan.totals.images_decoded).toBe(plain.plan.totals.images);
    expect(plain.config.schedule.preset).toBe('efficienttrain++');
  });
  it('gives way to a field that is set', async () => {
    const { config } = await resolved({ replay: 'published' }, request(128, ['schedule.stages.0.replay_times=2']));
    expect(config.schedule.stages.slice(0, 2).map(({ replay_times }) => replay_times)).toEqual([2, 4]);
  });
  it('applies to a schedule that is set whole, but for a stage that says how often it replays', async () => {
    const stages = [16, 24, 32].map((bandwidth, at) => ({
      ...{ bandwidth, magnitude: 0, share: 1 / 3, ...(at === 1 && { replay_times: 1 }) },
    }));
    const asked = request(128, [`schedule.stages=${JSON.stringify(stages)}`, 'schedule.stages.2.replay_times=4']);
    const { config } = await resolved({ replay: 'published' }, asked);
    expect(config.schedule.stages.map(({ replay_times }) => replay_times)).toEqual([4, 1, 4]);
  });
  it.each([
    ['a batch without equal parts', 64, [], 'invalid_stage', /nearest that has is 128/],
    [
      'a buffer smaller than a fresh batch',
      128,
      ['replay.buffer_mb=0.1'],
      'invalid_config',
      /holds 34 images of 32 px, and .* 64 fresh/,
    ],
  ] as const)('refuses %s', async (_, batch, set, code, why) => {
    await expect(resolved({ replay: 'published' }, request(batch, [...set]))).rejects.toMatchObject({
      ...{ code, why: expect.stringMatching(why) as string },
    });
  });
  it('refuses other words', async () => {
    await expect(resolved({ replay: 'often' }, request(128))).rejects.toMatchObject({ code: 'usage' });
  });
});

describe('memory of the machine', () => {
  it('holds the batches on their way and what can ever be in the buffer', async () => {
    const run = await resolved({ replay: 'published' }, request(128, ['data.prefetch_mb=10', 'replay.buffer_mb=2']));
    expect(hostBytes(run.config, run.plan)).toBeCloseTo(12 * 2 ** 20, -4);
    const large = await resolved({ replay: 'published' }, request(128, ['data.prefetch_mb=10']));
    const pushed = large.plan.stages.slice(0, 6).reduce((sum, { images_decoded }) => sum + images_decoded, 0);
    expect(hostBytes(large.config, large.plan)).toBe(10 * 2 ** 20 + pushed * 3 * 32 ** 2);
    const plain = await resolved({}, request(128, ['data.prefetch_mb=10']));
    expect(hostBytes(plain.config, plain.plan)).toBe(10 * 2 ** 20);
    expect(hostMemoryItem(large.config, large.plan)).toBeNull();
    expect(hostMemoryItem(large.config, large.plan, 10 * 2 ** 20)).toMatchObject({
      state: 'error',
      code: 'loader_over',
    });
  });
});

describe.skipIf(engineMissing)('--early-large-batch', () => {
  it('makes a step of each stage cost what one costs at the final size, where that fits', async () => {
    const { config, plan } = await resolved({ 'early-large-batch': true }, request(32));
    expect(stagesOf({ config } as ResolvedRun).map(([, , batch]) => batch)).toEqual([
      ...[128, 128],
      ...[56, 56, 56, 56],
      ...[32, 32, 32, 32],
    ]);
    const [first, last] = [plan.stages[0], plan.stages.at(-1)];
    expect((first?.batch as number) * 16 ** 2).toBe((last?.batch as number) * 32 ** 2);
    expect(plan.stages.reduce((sum, { share }) => sum + share, 0)).toBeCloseTo(1, 12);
  });

  it('leaves a batch that was set', async () => {
    const asked = request(32, ['schedule.stages.0.batch=40']);
    const { config } = await resolved({ 'early-large-batch': true }, asked);
    expect(config.schedule.stages.slice(0, 2).map(({ batch }) => batch)).toEqual([40, 128]);
  });

  it('takes less where the memory has no room for that, by the estimate of the preflight', async () => {
    const { config, plan } = await resolved({}, request(32));
    const device = { name: 'a small device', bytes: 0 };
    const memory = (batches: number[]): number => {
      const stages = plan.stages.map((stage, at) => ({ ...stage, batch: batches[at] as number }));
      return Math.max(...estimateMemory(config, 4, { ...plan, stages: stages.slice(0, 1) }).map(({ bytes }) => bytes));
    };
    const bytes = memory(plan.stages.map(() => 64)) / 0.85;
    const batches = earlyBatches(config, 4, plan, { ...device, bytes }, false);
    expect(batches[0]).toBeGreaterThanOrEqual(48);
    expect(batches[0]).toBeLessThanOrEqual(72);
    expect(memory(batches)).toBeLessThanOrEqual(bytes);
    // The user chooses the final size's batch, whether it fits into memory or not.
    expect(batches.at(-1)).toBe(32);
  });
});
