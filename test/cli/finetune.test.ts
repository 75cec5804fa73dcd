/**
 * The whole job with pre-trained weights on the command line: import without labels, pre-train, fine-tune and probe by
 * the run's name, lineage, comparison with random weights, and exports.
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { SafetensorsFile } from '../../src/main/engine/weights/safetensors';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-finetune');
const { cli, json } = cliAt(home);

interface Shown {
  run: {
    id: string;
    name: string;
    state: string;
    model: string;
    best: { metric: string; step: number } | null;
    parent: { run: string; name: string; step: number } | null;
    compute: { equivalent_epochs: number; equivalent_epochs_total: number };
    lineage: {
      ancestors: { id: string; step: number }[];
      children: { id: string; name: string; task: string; model: string }[];
    };
    config: { task: string; init: string | null; schedule: { preset: string }; model_args: Record<string, unknown> };
    events: { kind: string; message: string }[];
    stages: { steps: number }[];
  };
}

const SMALL = [
  '--batch',
  '8',
  '--set',
  'data.workers=1',
  '--set',
  'engine.intra_op_threads=2',
  '--set',
  'engine.inter_op_threads=1',
];
const train = (name: string, ...args: string[]): Promise<Shown> =>
  json<Shown>('train', '--dataset', 'digits', '--name', name, '--epochs', '1', ...SMALL, ...args);

describe.skipIf(engineMissing)('weights of a run', () => {
  let parent: Shown['run'];

  beforeAll(async () => {
    const source = smallSample(join(home, 'digits'), 8);
    await json('import', source, '--name', 'digits', '--yes');
    await json('import', source, '--unlabelled', '--name', 'photos', '--yes');
    const pretraining = ['--model', 'mae_vit_micro_patch4', '--task', 'mae', '--preset', 'constant'];
    await json('train', '--dataset', 'photos', '--name', 'pretrained', '--epochs', '1', ...SMALL, ...pretraining);
    ({ run: parent } = await json<Shown>('show', 'pretrained'));
  });

  it('are fine-tuned by its name: the classifier with its encoder, its authors recipe, and the lineage', async () => {
    await train('finetuned', '--init', 'pretrained');
    const { run } = await json<Shown>('show', 'finetuned');
    const step = parent.best?.step as number;
    expect(run).toMatchObject({
      state: 'completed',
      model: 'deit_micro',
      parent: { run: parent.id, name: 'pretrained', step },
    });
    expect(run.config).toMatchObject({
      task: 'classify',
      init: `run:${parent.id}@${step}`,
      schedule: { preset: 'finetune-mae' },
    });
    expect(run.config.model_args).toMatchObject({ global_pool: 'avg', head_init_std: 2e-5 });
    const [began] = run.events.filter(({ kind }) => kind === 'init');
    expect(began?.message).toMatch(
      /^Started from run pretrained, step \d+: \d+ parameters, the decoder's \d+ tensors left out, the norm of its class token left out \(fc_norm begins at its initial values\), classifier replaced\.$/,
    );
    expect(run.lineage.ancestors).toMatchObject([{ id: parent.id, step }]);
    expect(run.compute.equivalent_epochs_total).toBeCloseTo(
      run.compute.equivalent_epochs + parent.compute.equivalent_epochs,
      9,
    );
  });

  it('are probed by its id, and the path of its descendants grows', async () => {
    await train('probed', '--init', parent.id, '--task', 'probe');
    const { run } = await json<Shown>('show', 'probed');
    expect(run).toMatchObject({ state: 'completed', model: 'deit_micro', best: { metric: 'val/top1' } });
    expect(run.config.schedule.preset).toBe('probe-mae');
    const { children } = (await json<Shown>('show', 'pretrained')).run.lineage;
    expect(children.map(({ name, task, model }) => [name, task, model])).toEqual([
      ['finetuned', 'classify', 'deit_micro'],
      ['probed', 'probe', 'deit_micro'],
    ]);
    const measured = await json<{ top1: number; count: number }>('evaluate', 'probed');
    expect(measured.count).toBe(8);
  });

  it('of a step that is not kept are refused, and so is what is neither a run nor a file', async () => {
    const none = await cli('train', '--dataset', 'digits', '--init', `run:${parent.id}@12345`, ...SMALL, '--json');
    expect(errorOf(none)).toMatchObject({
      code: 'checkpoint_invalid',
      what: 'Run pretrained has no checkpoint of step 12345.',
    });
    const nothing = await cli(
      'train',
      '--dataset',
      'digits',
      '--model',
      'deit_micro',
      '--init',
      'nobody',
      ...SMALL,
      '--json',
    );
    expect(errorOf(nothing)).toMatchObject({ code: 'not_found', what: 'There is neither a file nor a run nobody.' });
  });

  it('of a step that is kept are taken by its number', async () => {
    const { run: pretrained } = await json<Shown & { run: { checkpoints: { step: number }[] } }>('show', 'pretrained');
    const step = pretrained.checkpoints[0]?.step as number;
    await train('from-step', '--init', `run:pretrained@${step}`);
    expect((await json<Shown>('show', 'from-step')).run.parent).toMatchObject({ run: parent.id, step });
  });

  it('are compared with the same model from random weights', async () => {
    await train('scratch', '--model', 'deit_micro', '--preset', 'finetune-mae');
    const { runs } = await json<{ runs: { name: string; best: { metric: string } }[] }>(
      'compare',
      'scratch',
      'finetuned',
    );
    expect(runs.map(({ name, best }) => [name, best.metric])).toEqual([
      ['scratch', 'val/top1'],
      ['finetuned', 'val/top1'],
    ]);
  });

  it('leave as files: a fine-tuned classifier, and a probe as the one linear layer that it computes', async () => {
    for (const name of ['finetuned', 'probed']) {
      const out = join(home, `exported-${name}`);
      const { parity } = await json<{ parity: { images: number } }>('export', name, '--out', out);
      expect(parity.images).toBe(8);
      const file = new SafetensorsFile(join(out, 'model.safetensors'));
      expect(file.shape('head.weight')).toEqual([4, 64]);
      expect(file.names.filter((tensor) => /^head\.[01]\./.test(tensor))).toEqual([]);
    }
  });

  it('are kept in the folder of the run that starts from them', async () => {
    const { run } = await json<Shown>('show', 'finetuned');
    expect(existsSync(join(home, 'runs', run.id, 'init.safetensors'))).toBe(true);
  });
});
