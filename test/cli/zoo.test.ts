/**
 * Micro models of the zoo's families from end to end on the command line: they are trained on the sample, evaluated,
 * exported and inspected.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelEntry } from '../../src/main/engine/models';
import { officialNamesOf } from '../../src/main/engine/weights/official-names';
import { SafetensorsFile } from '../../src/main/engine/weights/safetensors';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-zoo');
const { cli, json } = cliAt(home);

interface Evaluated {
  top1: number;
}

/** Four epochs on 32 images are a step or two of each slice of the curriculum. */
const train = (model: string, name: string): Promise<{ run: { state: string } }> =>
  json(
    ...[
      'train',
      '--dataset',
      'digits',
      '--model',
      model,
      '--preset',
      'efficienttrain++',
      '--size',
      '32',
      '--epochs',
      '4',
    ],
    ...['--batch', '8', '--name', name, '--set', 'engine.intra_op_threads=2', '--set', 'data.workers=1'],
  );

/** timm's names of the four stages' maps. */
const MODELS = [
  { model: 'convnext_micro', map: 'stages.2', shape: [8, 8, 8, 64] },
  { model: 'caformer_micro', map: 'stages.2', shape: [8, 4, 4, 128] },
];

describe.skipIf(engineMissing)('the zoo on the command line', () => {
  beforeAll(async () => {
    const source = temporary('cli-zoo-data');
    smallSample(source, 8);
    await json('import', source, '--name', 'digits', '--yes');
  });

  it.each(MODELS)('$model: train, evaluate, export, features', { timeout: 600_000 }, async ({ model, map, shape }) => {
    const { run } = await train(model, model);
    expect(run.state).toBe('completed');
    const measured = await json<Evaluated>('evaluate', model);
    const names = officialNamesOf(modelEntry(model).family);
    const out = join(home, `${model}-export`);
    const exported = await json<{ parity: { max_abs_diff: number } }>(
      ...['export', model, '--out', out, ...(names ? ['--names', 'official'] : [])],
    );
    expect(exported.parity.max_abs_diff).toBeLessThan(1e-4);
    const parameters = modelEntry(model)
      .create({ num_classes: 4, img_size: 32, drop_path_rate: 0, drop_rate: 0 })
      .params.map(({ name }) => names?.official(name) ?? name);
    expect([...new SafetensorsFile(join(out, 'model.safetensors')).names].sort()).toEqual(parameters.sort());
    const file = ['--dataset', 'digits', '--model', model, '--size', '32'];
    expect((await json<Evaluated>('evaluate', out, ...file)).top1).toBe(measured.top1);
    const written = await json<{ shape: number[] }>(
      ...['features', model, 'digits', '--split', 'val', '--feature', map, '--out', join(home, `${model}.npy`)],
    );
    expect(written.shape).toEqual(shape);
  });

  it('measures a model here, and lists it with what it costs and what was measured', async () => {
    const asked = ['models', '--measure', 'swin_micro', '--size', '64', '--batch', '8'];
    const { measurement } = await json<{ measurement: Record<string, number> }>(...asked);
    expect(measurement).toMatchObject({ model: 'swin_micro', size: 64, batch: 8, beside_training: false });
    expect(measurement['images_per_second']).toBeGreaterThan(0);
    expect(measurement['memory_bytes']).toBeGreaterThan(1e8);
    const { models } = await json<{ models: { id: string; macs: number | null }[] }>('models', '--size', '100');
    expect(models.find(({ id }) => id === 'swin_micro')).toMatchObject({
      ...{ size: 100, macs: null, nearest_sizes: [104, 96], measured: [measurement], published: null },
    });
    expect(models.find(({ id }) => id === 'convnext_tiny')).toMatchObject({
      ...{ macs: modelEntry('convnext_tiny').macs(100), nearest_sizes: null },
      published: { plain: { top1: 0.821 }, curriculum: { top1: 0.822, speedup_compute: 1.49 } },
    });
    expect(errorOf(await cli('models', '--measure', 'swin_micro', '--size', '100', '--json'))).toMatchObject({
      what: "swin_micro can't take images of 100 px.",
      next: 'Choose a size of 96 or 104 px.',
    });
  });

  it('refuses names that a model’s authors do not have', async () => {
    const out = join(home, 'refused');
    const refused = await cli('export', 'caformer_micro', '--names', 'official', '--out', out, '--json');
    expect(errorOf(refused)).toMatchObject({ code: 'usage', next: 'Export it without --names.' });
  });
});
