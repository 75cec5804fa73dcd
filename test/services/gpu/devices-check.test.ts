/** The doctor's findings about GPUs. */
import { describe, expect, it } from 'vitest';
import { devicesCheck, type Found } from '../../../src/main/services/doctor/devices-check';
import { parseGpus } from '../../../src/main/services/gpu/nvidia-smi';
import { TWO_GPUS } from '../../support/fake-gpus';

const check = (changes: Partial<Found>): ReturnType<typeof devicesCheck> =>
  devicesCheck({
    ...{ driver: { version: '580.65.06' }, reading: { gpus: parseGpus(TWO_GPUS), why: null } },
    ...{ engine: { cuda: true }, usesGpu: true, environment: {}, ...changes },
  });

describe('the doctor', () => {
  it('shows the GPUs that are used, with memory, utilisation and temperature', () => {
    const { ok, value } = check({});
    expect(ok).toBe(true);
    expect(value).toMatch(
      /^gpu:0 NVIDIA H100 80GB HBM3, 1\.0\/79\.6 GiB, 37 %, 54 °C; gpu:1 NVIDIA GeForce RTX 4090, 0\.0\/24\.0 GiB; driver 580\.65\.06; CPU, /,
    );
    expect(check({ environment: { CUDA_VISIBLE_DEVICES: 'GPU-bbbb' } }).value).not.toContain('H100');
    expect(check({ reading: { gpus: [], why: null } }).value).toMatch(/^a GPU; driver/);
  });

  it('offers to check a GPU where there is one', () => {
    const offer = 'Check this GPU: npm run gpu-check';
    expect(check({}).value).toContain(offer);
    expect(check({ usesGpu: false }).value, 'TensorFlow refuses it').toContain(offer);
    expect(check({ usesGpu: false, environment: { CUDA_VISIBLE_DEVICES: '' } }).value).not.toContain(offer);
    const none = { driver: null, reading: { gpus: [], why: null }, engine: { cuda: false }, usesGpu: false };
    expect(check(none).value).not.toContain(offer);
  });

  it('is content without one', () => {
    const { ok, value } = check({
      driver: null,
      reading: { gpus: [], why: null },
      engine: { cuda: false },
      usesGpu: false,
    });
    expect([ok, value]).toEqual([true, expect.stringMatching(/^CPU, .*; no GPU$/)]);
  });

  it.each<[string, Partial<Found>, boolean, RegExp, RegExp]>([
    [
      'the build for CUDA is missing',
      { engine: { cuda: false } },
      false,
      /this build of TensorFlow is for the CPU/,
      /not installed.*npm run engine.*3\.4 GB/,
    ],
    [
      'the driver is too old',
      { engine: { cuda: false }, driver: { version: '470.1' } },
      false,
      /driver 470\.1/,
      /older than CUDA 12 needs.*Update/,
    ],
    ['TensorFlow takes none', {}, false, /not used by TensorFlow/, /TF_CPP_MIN_LOG_LEVEL=0/],
    [
      'the processor is asked for',
      { environment: { EFFICIENTTRAIN_ENGINE: 'cpu' } },
      true,
      /not used \(EFFICIENTTRAIN_ENGINE=cpu\)/,
      /^null null$/,
    ],
    [
      'the user hides them',
      { environment: { CUDA_VISIBLE_DEVICES: '' } },
      true,
      /not used \(CUDA_VISIBLE_DEVICES=\)/,
      /^null null$/,
    ],
    ['nvidia-smi fails', { reading: { gpus: [], why: 'has failed' } }, false, /nvidia-smi: has failed/, /finds no GPU/],
  ])('says so where %s', (_, changes, good, found, advice) => {
    const { ok, value, cause, remedy } = check({ usesGpu: false, ...changes });
    expect([ok, value, `${cause} ${remedy}`]).toEqual([
      good,
      expect.stringMatching(found),
      expect.stringMatching(advice),
    ]);
  });
});
