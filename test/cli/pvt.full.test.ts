/**
 * Both versions of PVT on the command line, from the bundled sample to exports: training, measuring, exports and
 * features.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt } from '../support/cli';
import { engineMissing } from '../support/engine';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-pvt');
const { cli, json } = cliAt(home);

const MAPS: [string, string, number[]][] = [
  ['pvt_micro', 'block2', [8, 8, 64]],
  ['pvt_v2_micro', 'stages.1', [4, 4, 64]],
];

describe.skipIf(engineMissing).each(MAPS)('%s', (model, map, shape) => {
  beforeAll(async () => {
    await cli('import', smallSample(join(home, `digits-${model}`), 16), '--name', model, '--yes');
    await json(
      ...[
        'train',
        '--dataset',
        model,
        '--model',
        model,
        '--preset',
        'efficienttrain++',
        '--epochs',
        '4',
        '--batch',
        '16',
      ],
      ...['--name', `run-${model}`, '--set', 'data.workers=1', '--set', 'model_args.drop_path_rate=0.1'],
    );
  });

  it('trained through stages of several sizes', async () => {
    const { run } = await json<{ run: { state: string; stages: { bandwidth: number }[] } }>('show', `run-${model}`);
    expect(run.state).toBe('completed');
    expect(new Set(run.stages.map(({ bandwidth }) => bandwidth)).size).toBeGreaterThan(1);
  });

  it.each(['timm', 'official'])('is exported by the names %s, and the file measures as the run does', async (names) => {
    const out = join(home, `${model}-${names}`);
    const { parity } = await json<{ parity: { max_abs_diff: number } }>(
      ...['export', `run-${model}`, '--names', names, '--format', 'safetensors', '--out', out],
    );
    expect(parity.max_abs_diff).toBeLessThan(1e-4);
    const run = await json<Record<string, number>>('evaluate', `run-${model}`);
    const file = await json<Record<string, number>>(
      ...['evaluate', join(out, 'model.safetensors'), '--dataset', model, '--model', model],
    );
    expect(file['top1']).toBe(run['top1']);
    expect(file['loss']).toBeCloseTo(run['loss']!, 5);
  });

  it('gives the map of a stage', async () => {
    const out = join(home, `${model}.npy`);
    const found = await json<{ shape: number[] }>(
      'features',
      `run-${model}`,
      model,
      '--out',
      out,
      '--feature',
      map,
      '--split',
      'val',
    );
    expect(found.shape.slice(1)).toEqual(shape);
  });
});
