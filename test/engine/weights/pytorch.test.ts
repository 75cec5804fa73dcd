/** Weights saved by torch.save: files that PyTorch has written (test/golden/pytorch/make.py), and malicious files. */
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../../src/main/engine/models';
import { loadSummary, loadTimmWeights } from '../../../src/main/engine/weights/load-timm';
import { PyTorchFile } from '../../../src/main/engine/weights/pytorch/pytorch-file';
import { timmState } from '../../../src/main/engine/weights/to-timm';
import { AppError } from '../../../src/shared/errors';
import expectedJson from '../../golden/pytorch/expected.json';
import {
  archiveOf,
  dict,
  global,
  int,
  pickleOf,
  pytorchFile,
  reduce,
  STOP,
  tensor,
  text,
  tuple,
} from '../../support/pytorch-bytes';
import { archive, expectNumbers, FOUR, golden, refusal, written, type Numbers } from './pytorch-files';
import { micro, randomValues } from './random-values';

const expected = expectedJson as unknown as Record<string, Numbers>;

describe('files by PyTorch', () => {
  it.each(Object.keys(expected))('%s: every tensor, whatever its type and strides', (name) => {
    expectNumbers(new PyTorchFile(join(golden, name), null), expected[name]!);
  });

  it('a storage of big-endian numbers', () => {
    const bytes = Buffer.alloc(8);
    [1.5, -2].forEach((value, at) => bytes.writeFloatBE(value, 4 * at));
    const pickle = pickleOf(dict([text('w'), tensor({ key: '0', count: 2, shape: [2] })]));
    const file = archiveOf([
      ['a/data.pkl', pickle],
      ['a/byteorder', Buffer.from('big')],
      ['a/data/0', bytes],
    ]);
    expectNumbers(new PyTorchFile(written(file), null), { w: { shape: [2], values: [1.5, -2] } });
  });
});

describe('the key of the weights', () => {
  const path = join(golden, 'checkpoint.pth.tar');
  const weights = expected['checkpoint.pth.tar']!;

  it('is the first of the usual ones, averaged weights before others', () => {
    expect(new PyTorchFile(path, null).key).toBe('model_ema');
  });

  it.each(['model', 'other.nested'])('can be named: %s', (key) => {
    const file = new PyTorchFile(path, key);
    expect(file.key).toBe(key);
    // The averaged weights are larger by one.
    file.read('0.bias').forEach((value, at) => expect(value).toBeCloseTo(weights['0.bias']!.values[at]! - 1, 6));
  });

  it.each(['teacher', 'args', 'epoch'])('is refused where there are no weights: %s', (key) => {
    const { why, next } = refusal(path, key);
    expect(why).toBe(`There are no weights under the key ${key}. Keys that hold weights are model, model_ema.`);
    expect(next).toContain('Name one with --init-key');
  });

  it('has to be named where two unusual ones hold weights', () => {
    const state = (key: string): [Buffer, Buffer] => [
      text(key),
      dict([text('w'), tensor({ key: '0', count: 1, shape: [1] })]),
    ];
    const { why } = refusal(written(archive(dict(state('student'), state('teacher')))));
    expect(why).toBe('Several of its dictionaries hold weights. Keys that hold weights are student, teacher.');
  });

  it('is none of a safetensors file', () => {
    const error = refusal(join(import.meta.dirname, '../../golden/weights/dtypes.safetensors'), 'model');
    expect(error.code).toBe('usage');
  });
});

it('a model starts from a PyTorch file as from safetensors, and says which key was taken', () => {
  const model = modelEntry('deit_micro').create(micro);
  const values = randomValues(model);
  const path = written(pytorchFile(timmState(model, values), 'model'));
  const loaded = loadTimmWeights(model, path);
  expect(loaded.values).toEqual(values);
  expect(loadSummary(loaded.report)).toBe(`${model.params.length} parameters under the key model`);
});

// --- files that PyTorch does not write ---

const weights = (...more: [Buffer, Buffer][]): Buffer =>
  dict([text('w'), tensor({ key: '0', count: 4, shape: [4] })], ...more);

describe('a pickle that runs a program elsewhere', () => {
  const command = text('touch /tmp/ran');
  const stackGlobal = (module: string, name: string): Buffer =>
    Buffer.concat([text(module), text(name), Buffer.from([0x93])]);

  it.each([
    ['os.system', reduce(global('os', 'system'), command)],
    ['posix.system', reduce(stackGlobal('posix', 'system'), command)],
    ['builtins.eval', reduce(global('builtins', 'eval'), text('1'))],
    ['builtins.getattr', reduce(global('builtins', 'getattr'), global('torch', 'Size'), text('__init__'))],
    ['subprocess.Popen', reduce(global('subprocess', 'Popen'), command)],
    ['torch.load', reduce(global('torch', 'load'), command)],
    ['torch._utils._rebuild_tensor_v3', reduce(global('torch._utils', '_rebuild_tensor_v3'))],
    ['__main__.Net', Buffer.concat([global('__main__', 'Net'), Buffer.from(')\x81', 'latin1')])],
    ['constructor.constructor', global('constructor', 'constructor')],
    ['collections.OrderedDict\nos', global('collections', 'OrderedDict\\nos')],
  ])('%s is refused by its name', (name, harm) => {
    const { why, next } = refusal(written(archive(weights([text('harm'), harm]))));
    expect(why).toContain(`It asks for ${name.replace('\n', '\\n')}`);
    expect(next).toContain('Nothing was loaded.');
  });

  it('even where its result is thrown away, and in the older format', () => {
    const thrown = Buffer.concat([reduce(global('os', 'system'), command), Buffer.from('0'), weights()]);
    expect(refusal(written(archive(thrown))).why).toContain('It asks for os.system');
    const magic = Buffer.from('\x80\x02\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19.', 'latin1');
    const system = pickleOf(dict([text('little_endian'), Buffer.from([0x88])]));
    const legacy = Buffer.concat([magic, pickleOf(int(1001)), system, pickleOf(thrown)]);
    expect(refusal(written(legacy)).why).toContain('It asks for os.system');
  });
});

describe('a pickle that is no state_dict', () => {
  it.each<[string, Buffer, string]>([
    [
      'a number among the tensors',
      weights([text('epoch'), int(3)]),
      'epoch is a number, and weights are tensors only.',
    ],
    [
      'settings among the tensors',
      weights([text('args'), reduce(global('argparse', 'Namespace'))]),
      'args is argparse.Namespace',
    ],
    [
      'a name that is no text',
      weights([int(1), tensor({ key: '0', count: 4, shape: [4] })]),
      'One of the names is a number.',
    ],
    ['no dictionary', int(1), 'It holds a number and no dictionary of tensors.'],
    ['nothing but settings', dict([text('epoch'), int(3)]), 'It holds no dictionary of tensors.'],
    [
      'a type of numbers that is not known',
      dict([text('w'), tensor({ key: '0', count: 4, shape: [4], type: 'QInt8Storage' })]),
      'It asks for torch.QInt8Storage',
    ],
    [
      'a storage in place of a type',
      dict([text('w'), tensor({ key: '0', count: 4, shape: [4], type: 'Size' })]),
      'a storage of type torch.Size',
    ],
    [
      'a tensor beyond its storage',
      dict([text('w'), tensor({ key: '0', count: 4, shape: [2, 2], stride: [4, 1] })]),
      'w is [2, 2], more than its storage of 4 elements holds.',
    ],
    [
      'a tensor that begins behind it',
      dict([text('w'), tensor({ key: '0', count: 4, shape: [1], offset: 4 })]),
      'w is [1], more than',
    ],
    [
      'a tensor of a million million repeats',
      dict([text('w'), tensor({ key: '0', count: 4, shape: [1e6, 1e6], stride: [0, 0] })]),
      'w is [1000000, 1000000], more than',
    ],
    [
      'a negative length',
      dict([text('w'), tensor({ key: '0', count: 4, shape: [-1 >>> 0] })]),
      'is no list of whole numbers',
    ],
    [
      'a storage of another length',
      dict([text('w'), tensor({ key: '0', count: 3, shape: [3] })]),
      'Its storage 0 has 16 bytes in place of 12.',
    ],
    [
      'a storage that is not there',
      dict([text('w'), tensor({ key: '../0', count: 4, shape: [4] })]),
      'Its archive has no archive/data/../0.',
    ],
    ['an opcode that calls', Buffer.from('(S"x"\nios\nsystem\n'), 'the pickle opcode 0x53'],
    ['an opcode of extensions', Buffer.from([0x82, 1]), 'the pickle opcode 0x82'],
    [
      'attributes of a tensor',
      Buffer.concat([tensor({ key: '0', count: 4, shape: [4] }), Buffer.from('}b')]),
      'It sets attributes of a tensor.',
    ],
    [
      'a call of a call',
      reduce(reduce(global('torch', 'device'), text('cpu')), text('x')),
      "It calls torch.device, which can't be called.",
    ],
    [
      'a tensor of no storage',
      reduce(global('torch._utils', '_rebuild_tensor_v2'), int(1)),
      'It makes a tensor of something other than a storage.',
    ],
    ['values that are not there', Buffer.from('0'), 'It takes a value that is not there.'],
    ['a mark that is not there', Buffer.from('t'), 'up to a mark that is not there'],
    ['a value that was never kept', Buffer.from('h\x07'), 'It recalls a value that it has not kept.'],
    [
      'a text longer than the file',
      Buffer.concat([Buffer.from('X'), Buffer.from([255, 255, 255, 0])]),
      'It ends too early',
    ],
    [
      'a text of gigabytes',
      Buffer.concat([Buffer.from('X'), Buffer.from([255, 255, 255, 127])]),
      'It holds a text of 2147483647 bytes.',
    ],
    ['a protocol of the future', Buffer.from([0x80, 9]), 'a pickle of protocol 9'],
    ['opcodes without end', Buffer.alloc(2_000_001, 'N'), 'more than 2000000 pickle opcodes'],
  ])('%s is refused', (_, root, why) => {
    expect(refusal(written(archive(root))).why).toContain(why);
  });
});

describe('an archive that is not whole', () => {
  it.each<[string, Buffer, string]>([
    ['a compressed pickle', archive(weights(), [], { deflated: ['archive/data.pkl'] }), 'compressed or encrypted'],
    ['a compressed storage', archive(weights(), [], { deflated: ['archive/data/0'] }), 'compressed or encrypted'],
    [
      'more bytes than it has',
      archive(weights(), [], { lengths: { 'archive/data/0': 1 << 30 } }),
      'lists more bytes than it has',
    ],
    [
      'a path out of the archive',
      archive(weights(), [['archive/../../etc/passwd', FOUR]]),
      'an entry called "archive/../../etc/passwd"',
    ],
    ['an absolute path', archive(weights(), [['/etc/passwd', FOUR]]), 'an entry called "/etc/passwd"'],
    ['two entries of one name', archive(weights(), [['archive/data/0', FOUR]]), 'an entry called "archive/data/0"'],
    ['two pickles', archive(weights(), [['other/data.pkl', FOUR]]), 'not exactly one data.pkl'],
    [
      'an unknown order of bytes',
      archive(weights(), [['archive/byteorder', Buffer.from('mixed')]]),
      'the order of its bytes as "mixed"',
    ],
    ['no list', archive(weights()).subarray(0, -30), 'The list at the end of its archive is missing'],
  ])('%s is refused', (_, bytes, why) => {
    expect(refusal(written(bytes)).why).toContain(why);
  });

  it.each(['views.pt', 'views-legacy.pt', 'checkpoint.pth.tar', 'checkpoint-legacy.pth.tar'])(
    '%s cut off anywhere, or with any byte changed, is read or refused, and nothing else happens',
    (name) => {
      const whole = readFileSync(join(golden, name));
      const path = written(whole);
      const tried = (bytes: Buffer): AppError | null => {
        writeFileSync(path, bytes);
        try {
          const file = new PyTorchFile(path, null);
          for (const each of file.names) file.read(each);
          return null;
        } catch (error) {
          if (error instanceof AppError) return error;
          throw error;
        }
      };
      expect(tried(whole)).toBeNull();
      const step = Math.ceil(whole.length / 60);
      for (let at = 0; at < whole.length; at += step) {
        expect(tried(whole.subarray(0, at)), `cut at ${at}`).not.toBeNull();
        const changed = Buffer.from(whole);
        changed[at] = (changed[at] as number) ^ (1 << (at % 8));
        tried(changed);
      }
    },
  );

  it('an empty file, and a web page in place of one', () => {
    expect(refusal(written(Buffer.alloc(0))).code).toBe('weights_mismatch');
    expect(refusal(written(Buffer.from('<!doctype html>'))).why).toContain('a web page');
  });

  it('a Python pickle that torch.save did not write is named, with how to save it', () => {
    const { why, next } = refusal(written(pickleOf(tuple(int(1)))));
    expect(why).toContain('a Python pickle');
    expect(next).toContain('save_file');
    expect(STOP).toHaveLength(1);
  });
});
