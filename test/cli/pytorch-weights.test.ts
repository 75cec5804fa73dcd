/**
 * A PyTorch file on the command line: it is measured, and a run under the curriculum starts from it. The output names
 * the key that was read.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { modelEntry } from '../../src/main/engine/models';
import { timmState } from '../../src/main/engine/weights/to-timm';
import { randomValues } from '../engine/weights/random-values';
import { cliAt, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { pytorchFile } from '../support/pytorch-bytes';
import { smallSample, temporary } from '../support/training';

const home = temporary('cli-pytorch');
const { cli } = cliAt(home);
const file = join(home, 'released.pth');

describe.skipIf(engineMissing)('weights by torch.save', () => {
  beforeAll(async () => {
    await cli('import', smallSample(join(home, 'digits'), 16), '--name', 'digits', '--yes');
    const model = modelEntry('pvt_micro').create({ num_classes: 4, img_size: 32, drop_path_rate: 0, drop_rate: 0 });
    writeFileSync(file, pytorchFile(timmState(model, randomValues(model)), 'model'));
  });

  it('are measured, and a key that holds none is refused', async () => {
    const of = ['evaluate', file, '--dataset', 'digits', '--model', 'pvt_micro'];
    const { stdout, code } = await cli(...of);
    expect(code, stdout).toBe(0);
    expect(stdout).toContain('under the key model');
    const error = errorOf(await cli(...of, '--init-key', 'teacher', '--json'));
    expect(error).toMatchObject({ code: 'weights_mismatch', next: expect.stringContaining('--init-key') as string });
  });

  it('start a run, whose configuration keeps the key', async () => {
    const options = [
      '--dataset',
      'digits',
      '--model',
      'pvt_micro',
      '--name',
      'started',
      '--epochs',
      '3',
      '--batch',
      '8',
    ];
    const { stdout, stderr, code } = await cli(
      'train',
      ...options,
      '--init',
      file,
      '--set',
      'data.workers=1',
      '--json',
    );
    expect(code, stdout + stderr).toBe(0);
    const { run } = JSON.parse((await cli('show', 'started', '--json')).stdout) as {
      run: {
        state: string;
        config: { init: string; init_key: string; schedule: { preset: string } };
        events: { kind: string; message: string }[];
      };
    };
    expect(run).toMatchObject({
      state: 'completed',
      config: { init: file, init_key: 'model', schedule: { preset: 'efficienttrain++' } },
    });
    expect(run.events.find(({ kind }) => kind === 'init')?.message).toMatch(/\d+ parameters under the key model\.$/);
  });
});
