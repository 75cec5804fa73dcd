/**
 * Transformers whose windows follow the stage's size, on the command line as a user has them. They are trained through
 * a curriculum with a pause, evaluated at another size, and exported, and they give the maps of their stages.
 */
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { cliAt, efficienttrain, type Ended } from '../support/cli';
import { engineMissing } from '../support/engine';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-windows');
const { json } = cliAt(home);

interface Shown {
  run: { state: string; stages: { steps: number; bandwidth: number }[] };
}

/** Trains until a step is done, then is ended as by Ctrl-C. */
const interrupted = (args: readonly string[]): Promise<Ended> => {
  let pressed = false;
  return efficienttrain(args, {
    home,
    onOutput: (text, kill) => {
      if (!pressed && /step [1-9]/.test(text)) {
        pressed = true;
        kill('SIGINT');
      }
    },
  });
};

describe.skipIf(engineMissing).each([
  ['swin_micro', 'layers.1'],
  ['cswin_micro', 'stage2'],
])('%s', (model, feature) => {
  const out = (name: string): string => join(home, `${model}-${name}`);
  const flags = [
    ...['--dataset', `${model}-digits`, '--model', model, '--preset', 'efficienttrain++'],
    ...['--size', '32', '--epochs', '20', '--batch', '16'],
    ...['--name', model, '--set', 'engine.intra_op_threads=2', '--set', 'data.workers=1'],
  ];

  beforeAll(async () => {
    const source = temporary(`cli-windows-${model}`);
    smallSample(source, 16);
    await json('import', source, '--name', `${model}-digits`, '--yes');
  });

  it('trains through stages of several sizes and resumes where it was stopped', async () => {
    await interrupted(['train', ...flags]);
    const { run: stopped } = await json<Shown>('show', model);
    expect(stopped.state).toBe('stopped');
    await json('resume', model);
    const { run } = await json<Shown>('show', model);
    expect(run.state).toBe('completed');
    expect([...new Set(run.stages.map(({ bandwidth }) => bandwidth))]).toEqual([16, 24, 32]);
  }, 400_000);

  it('is evaluated, exported, and evaluated from the file at the size of another window', async () => {
    const { top1 } = await json<{ top1: number }>('evaluate', model);
    const { parity } = await json<{ parity: { max_abs_diff: number } }>(
      ...['export', model, '--format', 'safetensors', '--out', out('export')],
    );
    expect(parity.max_abs_diff).toBeLessThan(1e-4);
    const file = [
      'evaluate',
      join(out('export'), 'model.safetensors'),
      '--dataset',
      `${model}-digits`,
      '--model',
      model,
    ];
    expect((await json<{ top1: number }>(...file, '--size', '32')).top1).toBeCloseTo(top1, 5);
    expect((await json<{ top1: number; count: number }>(...file, '--size', '24')).count).toBeGreaterThan(0);
  }, 400_000);

  it('gives the map of a stage', async () => {
    const map = await json<{ shape: number[] }>(
      ...['features', model, `${model}-digits`, '--split', 'val', '--feature', feature, '--out', out('map.npy')],
    );
    expect(map.shape.slice(1)).toEqual([8, 8, 64]);
  }, 400_000);
});
