/**
 * A real trainer gets a GPU from a stand-in for nvidia-smi. The engine is the processor's, with an empty folder in
 * place of CUDA's libraries, so TensorFlow finds no GPU. Everything that leads up to it is tested; the rest needs a
 * GPU, which was not available.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { locateEngine } from '../../../src/main/engine/backend/locate';
import type { TrainerMessage } from '../../../src/main/engine/train/protocol';
import type { Dataset } from '../../../src/main/store/datasets';
import type { Run } from '../../../src/main/store/runs';
import { fakeCudaEngine, fakeNvidiaSmi } from '../../support/fake-gpus';
import { importFolder, look, newRun, smallSample, temporary, train } from '../../support/training';

const engine = locateEngine();

/** Makes the trainer write its environment when it ends. */
const REPORT = `
if (process.argv[1]?.endsWith('trainer.js') && require('node:worker_threads').isMainThread)
  process.on('exit', () => require('node:fs').writeFileSync(process.env.REPORT, JSON.stringify(process.env)));
`;

describe.skipIf(engine.kind !== 'libtensorflow')('a trainer', () => {
  const [home, smi] = [temporary('gpu-home'), fakeNvidiaSmi()];
  let folder: string;
  let dataset: Dataset;

  beforeAll(async () => {
    if (engine.kind !== 'libtensorflow') return;
    folder = fakeCudaEngine(engine.folder);
    writeFileSync(join(folder, 'report.cjs'), REPORT);
    vi.stubEnv('EFFICIENTTRAIN_ENGINE', folder);
    vi.stubEnv('PATH', `${smi}:${process.env['PATH'] ?? ''}`);
    vi.stubEnv('NODE_OPTIONS', `--require ${join(folder, 'report.cjs')}`);
    vi.stubEnv('REPORT', join(folder, 'environment.json'));
    vi.stubEnv('LD_LIBRARY_PATH', '/usr/local/cuda/lib64');
    dataset = await importFolder(home, smallSample(temporary('gpu-data'), 8, ['zero', 'one']));
  });
  afterAll(() => vi.unstubAllEnvs());

  async function trained(device: string): Promise<{ run: Run; said: string[]; environment: Record<string, string> }> {
    const run = newRun(home, dataset, { preset: 'constant', epochs: 2, set: [`engine.device=${device}`] });
    const said: string[] = [];
    const hear = (message: TrainerMessage): void => {
      if (message.type === 'log') said.push(message.text);
    };
    await train(home, run, hear).ended;
    const environment = JSON.parse(readFileSync(join(folder, 'environment.json'), 'utf8')) as Record<string, string>;
    return { run: look(home, run.id).run, said, environment };
  }

  it("sees the GPU of its run alone, with CUDA's libraries first and memory growing; one that TensorFlow does not use is reported", async () => {
    const { run, said, environment } = await trained('gpu:1');
    expect(environment).toMatchObject({
      CUDA_VISIBLE_DEVICES: 'GPU-bbbb',
      LD_LIBRARY_PATH: `${join(folder, 'nvidia/cublas/lib')}:/usr/local/cuda/lib64`,
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    });
    expect(said.join('\n')).toContain("TensorFlow can't use gpu:1 (NVIDIA GeForce RTX 4090)");
    expect(run).toMatchObject({ state: 'completed', device: { kind: 'cpu' } });
  });

  it('sees no GPU where its run is for the processor', async () => {
    const { run, said, environment } = await trained('cpu');
    expect(environment['CUDA_VISIBLE_DEVICES']).toBe('-1');
    expect(said.join('\n')).not.toContain('GPU');
    expect(run).toMatchObject({ state: 'completed', device: { kind: 'cpu' } });
  });

  it('fails a run that names a GPU which is not there, and says which are', async () => {
    const { run } = await trained('gpu:5');
    expect(run).toMatchObject({
      state: 'failed',
      error: {
        code: 'invalid_config',
        what: expect.stringContaining('gpu:5') as string,
        why: expect.stringContaining('gpu:0, gpu:1') as string,
      },
    });
  });
});
