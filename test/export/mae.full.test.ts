/**
 * transformers' model loads a trained masked autoencoder's export, and computes the numbers of `evaluate --dump` again.
 * PYTHON_WITH_TORCH names a Python with torch and transformers.
 */
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { command as evaluate } from '../../src/main/cli/commands/evaluate';
import { command as exportCommand } from '../../src/main/cli/commands/export';
import { callOf } from '../support/command-call';
import { engineMissing } from '../support/engine';
import { importFolder, newRun, smallSample, temporary, train } from '../support/training';

const python = process.env['PYTHON_WITH_TORCH'];
if (!python) console.log('skipped: PYTHON_WITH_TORCH names no Python with torch and transformers');

describe.skipIf(engineMissing || !python)('transformers', () => {
  it.each([true, false])('gives our prediction, mask and loss of each image, with norm_pix_loss %s', async (norm) => {
    const home = temporary('mae-transformers');
    const dataset = await importFolder(home, smallSample(join(home, 'photos'), 24), true);
    const run = newRun(home, dataset, { model: 'mae_vit_micro_patch4', epochs: 3, set: [`mae.norm_pix_loss=${norm}`] });
    expect((await train(home, run).ended).code).toBe(0);
    const [out, dump] = [join(home, "it's exported"), join(home, 'dump')];
    await exportCommand.run(callOf(home, [run.id], { out, part: 'all' }));
    await evaluate.run(callOf(home, [run.id], { dump }));
    const said = execFileSync(python!, [join(import.meta.dirname, 'load_mae.py'), out, dump], {
      encoding: 'utf8',
      env: { ...process.env, PYTHONDONTWRITEBYTECODE: '1' },
    });
    const differences = JSON.parse(said.trim().split('\n').at(-1)!) as Record<
      'images' | 'prediction' | 'mask' | 'loss',
      number
    >;
    expect(differences).toMatchObject({ images: 24, mask: 0 });
    expect(differences.prediction).toBeLessThan(1e-4);
    expect(differences.loss).toBeLessThan(1e-5);
  });
});
