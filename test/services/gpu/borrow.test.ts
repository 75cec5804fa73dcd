/** The device on which a preflight makes a few steps: the one that a run would get now. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { borrowDevice } from '../../../src/main/services/gpu/take-device';
import { databasePath } from '../../../src/main/base/home';
import { openStore, type Store } from '../../../src/main/store/open';
import { liveDevices, takeDevice } from '../../../src/main/store/run-devices';
import { claimRun } from '../../../src/main/store/runs';
import { addRun } from '../../store/support';
import { fakeCudaEngine, fakeNvidiaSmi } from '../../support/fake-gpus';
import { temporary } from '../../support/training';

let store: Store;
beforeEach(() => {
  const engine = temporary('engine');
  writeFileSync(join(engine, 'tfjs_binding.node'), '');
  vi.stubEnv('EFFICIENTTRAIN_ENGINE', fakeCudaEngine(engine));
  vi.stubEnv('PATH', `${fakeNvidiaSmi()}:${process.env['PATH'] ?? ''}`);
  vi.stubEnv('CUDA_VISIBLE_DEVICES', undefined);
  store = openStore(databasePath(temporary('borrow')));
});
afterEach(() => {
  store.close();
  vi.unstubAllEnvs();
});

it('is a free GPU, the only one that TensorFlow will see, and nobody is kept from it', async () => {
  const { id } = addRun(store);
  claimRun(store, id, process.pid);
  takeDevice(store, id, () => ({ kind: 'gpu', index: 0, uuid: 'GPU-aaaa', name: 'NVIDIA H100 80GB HBM3' }));
  expect(await borrowDevice(store, 'auto')).toMatchObject({ index: 1 });
  expect(process.env['CUDA_VISIBLE_DEVICES']).toBe('GPU-bbbb');
  expect(liveDevices(store)).toHaveLength(1);
});

it('is the processor where the run asks for it', async () => {
  expect(await borrowDevice(store, 'cpu')).toEqual({ kind: 'cpu' });
  expect(process.env['CUDA_VISIBLE_DEVICES']).toBe('-1');
});

it('is refused where the run names a GPU that is not there', async () => {
  await expect(borrowDevice(store, 'gpu:4')).rejects.toMatchObject({ code: 'invalid_config' });
  expect(process.env['CUDA_VISIBLE_DEVICES']).toBeUndefined();
});
