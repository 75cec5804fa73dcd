/**
 * A run that trains on a GPU, in the window. nvidia-smi, the CUDA build and the run's trainer (this process) are
 * stand-ins.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { databasePath } from '../../src/main/base/home';
import type { Dataset } from '../../src/main/store/datasets';
import { openStore } from '../../src/main/store/open';
import { processStart } from '../../src/main/store/process-identity';
import { fakeCudaEngine, fakeNvidiaSmi } from '../support/fake-gpus';
import { importFolder, newRun, smallSample, temporary } from '../support/training';
import { HOSTS, openApp, type App, type HostKind } from './support/app';
import { markWelcomed } from './support/welcomed';

const engine = locateEngine();
const home = temporary('gpus');
let dataset: Dataset;
let app: App | null = null;

beforeAll(async () => {
  dataset = await importFolder(home, smallSample(temporary('gpus-data'), 8, ['zero', 'one']));
});
afterEach(async () => {
  await app?.close();
  app = null;
});

/** Records a run that seems to train on the first GPU. */
function training(): string {
  const { id } = newRun(home, dataset, { preset: 'constant' });
  const store = openStore(databasePath(home));
  markWelcomed(store);
  store
    .prepare("UPDATE runs SET state = 'running', device = ?, pid = ?, pid_started = ?, heartbeat_ms = ? WHERE id = ?")
    .run(
      JSON.stringify({ kind: 'gpu', index: 0, uuid: 'GPU-aaaa', name: 'NVIDIA H100 80GB HBM3' }),
      process.pid,
      processStart(process.pid),
      Date.now(),
      id,
    );
  store.close();
  return id;
}

async function open(host: HostKind, env: Record<string, string>): Promise<App['page']> {
  const run = training();
  app = await openApp({ host, home, env });
  // The router ignores addresses until the first screen is shown.
  await app.page.getByRole('heading', { level: 1 }).first().waitFor();
  await app.page.evaluate((to) => (location.hash = to), `#/runs/${run}`);
  await app.page.getByTestId('run-step').waitFor();
  return app.page;
}

describe.skipIf(engine.kind !== 'libtensorflow').each(HOSTS)('a run on a GPU (%s)', (host) => {
  it('shows memory and utilisation of each GPU, and which is its own', async () => {
    const smi = fakeNvidiaSmi();
    const cuda = engine.kind === 'libtensorflow' ? fakeCudaEngine(engine.folder) : '';
    const page = await open(host, { PATH: `${smi}:${process.env['PATH'] ?? ''}`, EFFICIENTTRAIN_ENGINE: cuda });
    const rows = page.getByRole('list', { name: 'GPUs now' }).getByRole('listitem');
    await rows.first().waitFor();
    const texts = (await rows.allInnerTexts()).map((text) => text.replace(/\s+/g, ' '));
    expect(texts).toEqual([
      'gpu:0 NVIDIA H100 80GB HBM3 · this run Utilisation 37 % Memory 1.07 GB / 85.5 GB 54 °C',
      'gpu:1 NVIDIA GeForce RTX 4090 Utilisation – Memory 18.9 MB / 25.8 GB –',
    ]);
    expect(await page.getByRole('progressbar', { name: 'Utilisation of gpu:0' }).getAttribute('aria-valuenow')).toBe(
      '37',
    );
    const asked = (): number => readFileSync(join(smi, 'calls'), 'utf8').split('\n').length;
    const before = asked();
    await expect.poll(asked).toBeGreaterThan(before);
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByText('gpu:0 · NVIDIA H100 80GB HBM3').waitFor();
  });

  it('shows none where the engine is for the processor', async () => {
    const smi = fakeNvidiaSmi();
    const page = await open(host, { PATH: `${smi}:${process.env['PATH'] ?? ''}`, EFFICIENTTRAIN_ENGINE: 'cpu' });
    await expect.poll(() => existsSync(join(smi, 'calls'))).toBe(true);
    await page.getByRole('tab', { name: 'Notes' }).click();
    await page.getByText('gpu:0 · NVIDIA H100 80GB HBM3').waitFor();
    expect(await page.getByTestId('run-gpus').count()).toBe(0);
  });
});
