/** Sizes in PyTorch files: malicious ones, and tensors that are parts of one storage. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PyTorchFile } from '../../../src/main/engine/weights/pytorch/pytorch-file';
import { dict, global, int, reduce, tensor, text, tuple } from '../../support/pytorch-bytes';
import { archive, expectNumbers, golden, refusal, written } from './pytorch-files';

describe('sizes that mean harm', () => {
  /** Returns an integer as Python pickles one that needs more than four bytes. */
  const long = (value: bigint): Buffer => {
    const bytes = Buffer.alloc(9);
    for (let at = 0; at < 9; at++) bytes[at] = Number((value >> BigInt(8 * at)) & 255n);
    return Buffer.concat([Buffer.from([0x8a, 9]), bytes]);
  };
  const storage = (count: Buffer): Buffer =>
    Buffer.concat([
      tuple(text('storage'), global('torch', 'FloatStorage'), text('0'), text('cpu'), count),
      Buffer.from('Q'),
    ]);
  const view = ({ count = int(4), offset = int(0), shape = [int(4)], stride = [int(1)] }): Buffer =>
    dict([
      text('w'),
      reduce(
        global('torch._utils', '_rebuild_tensor_v2'),
        ...[storage(count), offset, tuple(...shape), tuple(...stride), Buffer.from([0x89])],
        reduce(global('collections', 'OrderedDict')),
      ),
    ]);
  const HUGE = long(2n ** 60n);
  const LARGE = long(2n ** 52n);
  const MINUS = Buffer.concat([Buffer.from('J'), Buffer.from([255, 255, 255, 255])]);

  it.each<[string, Parameters<typeof view>[0], string]>([
    ['a storage of 2^60 numbers', { count: HUGE }, 'It refers to something outside that is no storage.'],
    ['a storage of 2^52 numbers', { count: LARGE }, 'Its storage 0 has 16 bytes in place of 18014398509481984.'],
    ['a storage of fewer than none', { count: MINUS }, 'It refers to something outside that is no storage.'],
    ['a length of 2^60', { shape: [HUGE] }, 'is no list of whole numbers'],
    ['a length of 2^52', { shape: [LARGE] }, 'w is [4503599627370496], more than its storage of 4 elements holds.'],
    ['lengths of more than all numbers', { shape: Array(20).fill(LARGE), stride: Array(20).fill(int(0)) }, 'more than'],
    ['a negative length', { shape: [MINUS] }, 'is no list of whole numbers'],
    ['a negative stride', { stride: [MINUS] }, 'is no list of whole numbers'],
    ['a stride of 2^52', { stride: [LARGE] }, 'w is [4], more than its storage of 4 elements holds.'],
    ['an offset of 2^52', { offset: LARGE }, 'w is [4], more than its storage of 4 elements holds.'],
    ['a negative offset', { offset: MINUS }, 'whose offset, size and stride do not go together'],
    ['more lengths than strides', { shape: [int(2), int(2)] }, 'whose offset, size and stride do not go together'],
    [
      'more axes than there are',
      { shape: Array(65).fill(int(1)), stride: Array(65).fill(int(1)) },
      'do not go together',
    ],
  ])('%s is refused before anything is reserved for it', (_, changes, why) => {
    const { arrayBuffers } = process.memoryUsage();
    expect(refusal(written(archive(view(changes)))).why).toContain(why);
    expect(process.memoryUsage().arrayBuffers - arrayBuffers).toBeLessThan(64 << 20);
  });

  it('the older format has its own counts, which have to agree', () => {
    const whole = readFileSync(join(golden, 'views-legacy.pt'));
    // The last storage is a count of eight bytes, then as many numbers.
    const count = whole.lastIndexOf(Buffer.from([1, 0, 0, 0, 0, 0, 0, 0]));
    expect(count).toBeGreaterThan(0);
    for (const said of [2n ** 62n, 2n, 0n]) {
      const changed = Buffer.from(whole);
      changed.writeBigUInt64LE(said, count);
      expect(refusal(written(changed)).why).toMatch(new RegExp(`has ${said} elements in place of 1|It ends too early`));
    }
  });

  it('values within values are read without going in depth, and dictionaries of themselves end', () => {
    const nested = Buffer.concat([Buffer.alloc(200_000, ']'), Buffer.alloc(199_999, 'a')]);
    expect(refusal(written(archive(nested))).why).toContain('no dictionary of tensors');
    // A dictionary that is its own value under "model".
    const itself = Buffer.concat([Buffer.from('}q\x01', 'latin1'), text('model'), Buffer.from('h\x01s', 'latin1')]);
    expect(refusal(written(archive(itself)), 'model.model.model').why).toContain('no weights under the key');
    // A list that holds the list before it twice, sixty times over: 2^60 values, were they counted out.
    const doubled = Array.from({ length: 60 }, (_, at) =>
      Buffer.from([...(at ? [0x68, at - 1, 0x68, at - 1] : [0x4e, 0x4e]), 0x86, 0x71, at]),
    );
    expect(refusal(written(archive(Buffer.concat(doubled)))).code).toBe('weights_mismatch');
  });
});

describe('tensors that share a storage', () => {
  it('are each read from their own place in it, whatever the order of their axes', () => {
    const root = dict(
      [text('whole'), tensor({ key: '0', count: 4, shape: [2, 2] })],
      [text('transposed'), tensor({ key: '0', count: 4, shape: [2, 2], stride: [1, 2] })],
      [text('last'), tensor({ key: '0', count: 4, shape: [1], offset: 3 })],
      [text('row'), tensor({ key: '0', count: 4, shape: [2], offset: 2 })],
      [text('column'), tensor({ key: '0', count: 4, shape: [2], stride: [2], offset: 1 })],
    );
    expectNumbers(new PyTorchFile(written(archive(root)), null), {
      whole: { shape: [2, 2], values: [1, 2, 3, 4] },
      transposed: { shape: [2, 2], values: [1, 3, 2, 4] },
      last: { shape: [1], values: [4] },
      row: { shape: [2], values: [3, 4] },
      column: { shape: [2], values: [2, 4] },
    });
  });

  it('are refused where they disagree about what it holds', () => {
    const root = dict(
      [text('a'), tensor({ key: '0', count: 4, shape: [4] })],
      [text('b'), tensor({ key: '0', count: 4, shape: [4], type: 'IntStorage' })],
    );
    expect(refusal(written(archive(root))).why).toContain('Its storage 0 is said to be of two kinds.');
  });
});
