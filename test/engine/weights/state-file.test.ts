import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readState, writeState } from '../../../src/main/engine/weights/state-file';

const path = join(mkdtempSync(join(tmpdir(), 'state-')), 'state.safetensors');
const state = {
  'conv1.weight': Float32Array.of(1, -0, 1e-45, 3.4028235e38),
  'conv1.weight/m': Float32Array.of(0.1, 0.2),
  'ema/conv1.weight': Float32Array.of(7),
  step: Int32Array.of(-2147483648, 12),
};

it('keeps every bit, and the kind of every array', () => {
  writeState(path, state, { step: '12' });
  const read = Object.fromEntries(readState(path));
  expect(Object.keys(read).sort()).toEqual(Object.keys(state).sort());
  for (const [name, values] of Object.entries(state)) {
    expect(read[name]!.constructor, name).toBe(values.constructor);
    expect(Buffer.from(read[name]!.buffer).equals(Buffer.from(values.buffer)), name).toBe(true);
  }
});

it('says the checksum of what is on disk', () => {
  const { sha256, bytes } = writeState(path, state, {});
  expect(sha256).toBe(createHash('sha256').update(readFileSync(path)).digest('hex'));
  expect(bytes).toBe(readFileSync(path).length);
});

it('a cut file is not read', () => {
  writeState(path, state, {});
  writeFileSync(path, readFileSync(path).subarray(0, -1));
  expect(() => Object.fromEntries(readState(path))).toThrow(
    expect.objectContaining({ code: 'weights_mismatch' }) as Error,
  );
});
