/**
 * The whole way of an export: a run is trained and exported in every format. What prevents an export is refused, with
 * nothing left behind.
 */
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { command } from '../../src/main/cli/commands/export';
import type { CommandResult } from '../../src/main/cli/command';
import { databasePath, runFolder } from '../../src/main/base/home';
import { exportsOf } from '../../src/main/store/exports';
import { openStore } from '../../src/main/store/open';
import type { Dataset } from '../../src/main/store/datasets';
import type { Run } from '../../src/main/store/runs';
import { SafetensorsFile } from '../../src/main/engine/weights/safetensors';
import { engineMissing } from '../support/engine';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';

describe.skipIf(engineMissing)('export of a run', () => {
  const home = temporary('export');
  const photos = smallSample(join(home, 'photos'), 68);
  let dataset: Dataset;
  let run: Run;

  beforeAll(async () => {
    dataset = await importFolder(home, photos);
    run = newRun(home, dataset, { epochs: 2, set: ['ema.decay=0.9'] });
    expect((await train(home, run).ended).code).toBe(0);
  });

  const exported = (
    values: Record<string, string | boolean>,
    reference = run.name,
    signal = new AbortController().signal,
  ): Promise<CommandResult> =>
    command.run({
      positionals: [reference],
      values,
      home,
      json: true,
      interactive: false,
      signal,
      force: new AbortController().signal,
      log: () => undefined,
      progress: () => undefined,
    });
  const out = (name: string): string => join(home, 'out', name);

  it.each(['safetensors', 'savedmodel'])('%s: checked, described, recorded', async (format) => {
    const { json } = await exported({ format, out: out(format) });
    // The split has 68 validation images.
    expect(json).toEqual({
      path: out(format),
      format,
      parity: { max_abs_diff: expect.any(Number) as number, images: 64 },
    });
    expect((json as { parity: { max_abs_diff: number } }).parity.max_abs_diff).toBeLessThan(1e-5);
    const files = format === 'safetensors' ? ['config.json', 'model.safetensors'] : ['labels.json', 'saved_model.pb'];
    expect(readdirSync(out(format)).sort()).toEqual(['README.md', 'export.json', ...files].sort());
    expect(readdirSync(join(home, 'out')).filter((name) => name.startsWith('.'))).toEqual([]);
    const store = openStore(databasePath(home));
    expect(exportsOf(store, run.id)).toContainEqual(
      expect.objectContaining({ path: out(format), format, parity: (json as { parity: unknown }).parity }),
    );
    store.close();
  });

  it('the card says data, schedule, results of these weights, preprocessing, labels and parity', () => {
    const card = readFileSync(join(out('safetensors'), 'README.md'), 'utf8');
    const { series } = look(home, run.id);
    const step = (
      JSON.parse(readFileSync(join(out('safetensors'), 'export.json'), 'utf8')) as { run: { step: number } }
    ).run.step;
    const top1 = series['val/top1_ema']?.find((point) => point.step === step)?.value;
    expect(card).toContain(`| \`val/top1_ema\` | ${Number(top1!.toPrecision(4))} |`);
    expect(card).toContain(`EMA weights after step ${step} of ${run.steps}`);
    expect(card).toContain('| train | 272 | 4 |');
    expect(card).toContain(`the compute of ${Number(run.plan.totals.equivalent_epochs.toPrecision(4))} at`);
    expect(card.match(/^\| \d+ \| \d+ px \|/gm)).toHaveLength(run.plan.stages.length);
    expect(card).toContain('resize the shorter side to');
    expect(card).toMatch(/64 images of the data set gave outputs that differ from the run's own by at most/);
    for (const [index, name] of dataset.classes.entries()) expect(card).toContain(`| ${index} | ${name} |`);
  });

  it('EMA and raw weights, best and last, are different exports', async () => {
    await exported({ out: out('raw'), weights: 'raw', checkpoint: 'last' });
    const values = (name: string): unknown =>
      new SafetensorsFile(join(out(name), 'model.safetensors')).read('fc.weight');
    expect(values('raw')).not.toEqual(values('safetensors'));
    expect(JSON.parse(readFileSync(join(out('raw'), 'export.json'), 'utf8'))).toMatchObject({
      run: { step: run.steps, weights: 'raw' },
    });
  });

  it('replaces an export by force only', async () => {
    await expect(exported({ out: out('raw') })).rejects.toMatchObject({ code: 'export_exists' });
    await exported({ out: out('raw'), force: true, format: 'savedmodel' });
    expect(existsSync(join(out('raw'), 'model.safetensors'))).toBe(false);
  });

  it('leaves what it did not write where it is, and says so', async () => {
    writeFileSync(join(out('raw'), 'thesis.tex'), 'mine');
    const { json, text } = await exported({ out: out('raw'), force: true });
    expect(json).toMatchObject({ kept: ['thesis.tex'] });
    expect(text).toContain('thesis.tex');
    expect(readFileSync(join(out('raw'), 'thesis.tex'), 'utf8')).toBe('mine');
    expect(existsSync(join(out('raw'), 'saved_model.pb'))).toBe(false);
    writeFileSync(join(out('raw'), 'README.md'), 'my own words');
    await expect(exported({ out: out('raw'), force: true })).rejects.toMatchObject({ code: 'io' });
    expect(readFileSync(join(out('raw'), 'README.md'), 'utf8')).toBe('my own words');
  });

  it('refuses, before it does anything, what it cannot do', async () => {
    mkdirSync(out('mine'));
    writeFileSync(join(out('mine'), 'thesis.tex'), '');
    await expect(exported({ out: out('mine'), force: true })).rejects.toMatchObject({ code: 'io' });
    await expect(exported({})).rejects.toMatchObject({ code: 'usage' });
    await expect(exported({ out: out('x'), format: 'onnx' })).rejects.toMatchObject({ code: 'usage' });
    await expect(exported({ out: out('x') }, 'nobody')).rejects.toMatchObject({ code: 'not_found' });
    expect(existsSync(out('x'))).toBe(false);
  });

  it('an interruption leaves nothing', async () => {
    const controller = new AbortController();
    controller.abort(new Error('enough'));
    await expect(exported({ out: out('x') }, run.name, controller.signal)).rejects.toThrow('enough');
    expect(readdirSync(join(home, 'out')).filter((name) => name === 'x' || name.startsWith('.'))).toEqual([]);
  });

  it('needs the validation images', async () => {
    renameSync(photos, `${photos} moved`);
    await expect(exported({ out: out('x') })).rejects.toMatchObject({ code: 'dataset_missing' });
    renameSync(`${photos} moved`, photos);
    expect(existsSync(out('x'))).toBe(false);
  });

  it('a run without a checkpoint is refused', async () => {
    const fresh = newRun(home, dataset, { epochs: 2 });
    await expect(exported({ out: out('x') }, fresh.id)).rejects.toMatchObject({ code: 'checkpoint_invalid' });
    expect(existsSync(runFolder(home, fresh.id))).toBe(false);
  });
});
