/**
 * Processes that read a run's weights, or estimate its memory, use the device that a run would get. The built programs
 * are run with a stand-in for nvidia-smi and an engine that looks like the CUDA build. Their environment at the end is
 * what TensorFlow saw.
 */
import { readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { locateEngine } from '../../../src/main/engine/backend/locate';
import { databasePath } from '../../../src/main/base/home';
import { openStore } from '../../../src/main/store/open';
import type { Run } from '../../../src/main/store/runs';
import { efficienttrain } from '../../support/cli';
import { fakeCudaEngine, fakeNvidiaSmi } from '../../support/fake-gpus';
import { importFolder, newRun, smallSample, temporary, train } from '../../support/training';
import { openCore } from '../core-support';

const engine = locateEngine();

/** Makes each process that has loaded TensorFlow report which GPUs it could see. */
const REPORT = `
const { appendFileSync } = require('node:fs');
const { isMainThread } = require('node:worker_threads');
const { basename } = require('node:path');
const program = basename(process.argv[1] ?? '');
if (isMainThread && /^(cli|job|trainer|export-check)\\.js$/.test(program))
  process.on('exit', () => {
    const loaded = require('node:fs').readFileSync('/proc/self/maps', 'utf8').includes('tfjs_binding.node');
    if (loaded) appendFileSync(process.env.REPORT, program + ' ' + process.env.CUDA_VISIBLE_DEVICES + '\\n');
  });
`;

describe.skipIf(engine.kind !== 'libtensorflow')('the device of', () => {
  const [home, source] = [temporary('reading-home'), temporary('reading-data')];
  let report = '';
  let [second, processor, gone] = [] as unknown as [Run, Run, Run];

  beforeAll(async () => {
    if (engine.kind !== 'libtensorflow') return;
    const folder = fakeCudaEngine(engine.folder);
    report = join(folder, 'report');
    writeFileSync(join(folder, 'report.cjs'), REPORT);
    vi.stubEnv('EFFICIENTTRAIN_ENGINE', folder);
    vi.stubEnv('PATH', `${fakeNvidiaSmi()}:${process.env['PATH'] ?? ''}`);
    vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
    vi.stubEnv('NODE_OPTIONS', `--require ${join(folder, 'report.cjs')}`);
    vi.stubEnv('REPORT', report);
    const dataset = await importFolder(home, smallSample(source, 8, ['zero', 'one']));
    const of = (device: string): Run =>
      newRun(home, dataset, { preset: 'constant', epochs: 2, set: [`engine.device=${device}`] });
    [second, processor, gone] = [of('gpu:1'), of('cpu'), of('gpu:1')];
    for (const run of [second, processor, gone]) await train(home, run).ended;
    const store = openStore(databasePath(home));
    // This is the state after a move to a machine with fewer GPUs.
    store.prepare(`UPDATE runs SET config = json_set(config, '$.engine.device', 'gpu:7') WHERE id = ?`).run(gone.id);
    store.close();
  });
  afterAll(() => vi.unstubAllEnvs());

  async function seenBy(...args: string[]): Promise<string[]> {
    rmSync(report, { force: true });
    const { code, stderr } = await efficienttrain(args, { home });
    expect({ code, stderr: code ? stderr : '' }).toEqual({ code: 0, stderr: '' });
    return [...new Set(readFileSync(report, 'utf8').trim().split('\n'))].sort();
  }
  const picture = join(source, 'val/zero');

  it('evaluate', async () => {
    expect(await seenBy('evaluate', second.id)).toEqual(['cli.js GPU-bbbb']);
    expect(await seenBy('evaluate', processor.id)).toEqual(['cli.js -1']);
    expect(await seenBy('evaluate', gone.id), 'one that is not here any more').toEqual(['cli.js GPU-aaaa']);
  });
  it('predict', async () => {
    const image = join(picture, readdirSync(picture)[0] ?? '');
    expect(await seenBy('predict', second.id, image)).toEqual(['cli.js GPU-bbbb']);
  });
  it('export, and of the process that checks it', async () => {
    const seen = await seenBy('export', second.id, '--out', join(temporary('reading-out'), 'weights'));
    expect(seen).toEqual(['cli.js GPU-bbbb', 'export-check.js GPU-bbbb']);
  });
  it('a dry run', async () => {
    const args = [
      '--dataset',
      second.config.dataset,
      '--model',
      'resnet_micro',
      '--size',
      '32',
      '--batch',
      '4',
      '--dry-run',
    ];
    expect(await seenBy('train', ...args, '--set', 'engine.device=gpu:1')).toEqual(['cli.js GPU-bbbb']);
  });
  it('the window’s own evaluation', async () => {
    rmSync(report, { force: true });
    const opened = openCore(home);
    const jobs = opened.core.context.jobs;
    await jobs.start('evaluate', { run: second.id, split: 'val', checkpoint: 'last', weights: null }).result;
    // The process ends by itself once it has answered. If its host ended it, it would report nothing.
    await vi.waitFor(() => expect(readFileSync(report, 'utf8').trim()).toBe('job.js GPU-bbbb'), { timeout: 30_000 });
    opened.core.close();
  });
});
