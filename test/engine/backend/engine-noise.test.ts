import { describe, expect, it } from 'vitest';
import {
  EngineNoiseFilter,
  isEngineNoise,
  wantsEngineNoise,
  withoutEngineNoise,
} from '../../../src/main/engine/backend/engine-noise';

const NOISE = [
  'WARNING: All log messages before absl::InitializeLog() is called are written to STDERR',
  'I0000 00:00:1795537021.113369    6538 port.cc:153] oneDNN custom operations are on. You may see slightly different numerical results',
  'I0000 00:00:1795537021.276051    6538 cpu_feature_guard.cc:227] This TensorFlow binary is optimized to use available CPU instructions in performance-critical operations.',
  'To enable the following instructions: AVX2 FMA, in other operations, rebuild TensorFlow with the appropriate compiler flags.',
  '2025-01-01 10:00:00.123456: I tensorflow/core/util/port.cc:113] oneDNN custom operations are on. You may see',
];
const ERRORS = [
  'E0000 00:00:1795537021.113369    6538 cuda_dnn.cc:8579] Unable to register cuDNN factory',
  'W0000 00:00:1795537021.113369    6538 cpu_allocator_impl.cc:83] Allocation of 1 exceeds 10% of free system memory.',
  'F0000 00:00:1795537021.113369    6538 tensor.cc:10] Check failed: oneDNN custom operations are on. no',
  "terminate called after throwing an instance of 'std::bad_alloc'",
  'oneDNN custom operations are on. says somebody else',
  '',
];

describe('the lines that TensorFlow prints while it loads', () => {
  it('are distinguished from all others', () => {
    expect(NOISE.filter((line) => !isEngineNoise(line))).toEqual([]);
    expect(ERRORS.filter(isEngineNoise)).toEqual([]);
    expect(withoutEngineNoise([NOISE[0], 'Killed', NOISE[1]].join('\n'))).toBe('Killed');
  });

  it('leave every other byte as it was, however it is cut', () => {
    const kept = Buffer.from(`${ERRORS.join('\n')}\n日本\r\n\xff\n`);
    const text = Buffer.concat([
      Buffer.from(`${NOISE.slice(0, 2).join('\r\n')}\n`),
      kept,
      Buffer.from(`${NOISE.slice(2).join('\n')}\nlast`),
    ]);
    for (const size of [1, 7, 100, text.length]) {
      const filter = new EngineNoiseFilter();
      const parts = Array.from({ length: Math.ceil(text.length / size) }, (_, at) =>
        filter.push(text.subarray(at * size, (at + 1) * size)),
      );
      expect(
        Buffer.concat([...parts, filter.end()]).equals(Buffer.concat([kept, Buffer.from('last')])),
        `${size} bytes`,
      ).toBe(true);
      expect(filter.end()).toHaveLength(0);
    }
  });

  it('are wanted by who asks for informational lines', () => {
    expect(
      [undefined, '', '2', '3', '0', '1'].map((level) =>
        wantsEngineNoise(level === undefined ? {} : { TF_CPP_MIN_LOG_LEVEL: level }),
      ),
    ).toEqual([false, false, false, false, true, true]);
  });
});
