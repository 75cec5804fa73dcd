/** Recognises a file of weights by its own bytes: safetensors, PyTorch's, or another format that is not read. */
import { closeSync, fstatSync, openSync, readSync } from 'node:fs';
import { AppError } from '../../../shared/errors';

/** Name of a file saved by torch.save. */
const PYTORCH = 'a PyTorch file';
/** Names in a ZIP archive, which come before each file and in the list at its end. */
const ZIP_NAMES: readonly [RegExp, string][] = [
  [/constants\.pkl|code\/__torch__/, 'a TorchScript program (saved by torch.jit.save)'],
  [/data\.pkl/, PYTORCH],
  [/model\.weights\.h5/, 'a Keras file'],
  [/\.npy/, 'a NumPy archive (.npz)'],
];
const SIGNS: readonly [at: number, text: string, name: string][] = [
  [0, 'GGUF', 'a GGUF file (of llama.cpp)'],
  [0, '\x89HDF\r\n\x1a\n', 'an HDF5 file (of Keras)'],
  [0, '\x93NUMPY', 'a NumPy array (.npy)'],
  [4, 'TFL3', 'a TensorFlow Lite file'],
  [0, '\x1f\x8b', 'a gzip archive'],
  [257, 'ustar', 'a tar archive'],
  [0, 'version https://git-lfs', 'a pointer of Git LFS, not the file itself (run "git lfs pull" in its repository)'],
];
/**
 * Number of bytes read, enough for every signature, and for the list at the end of an archive of some hundred tensors.
 */
const LOOKED_AT = 64 << 10;

/** Returns null for what may be safetensors: eight bytes of length, then JSON. */
export function foreignWeights(path: string): string | null {
  const handle = openSync(path, 'r');
  try {
    const { size } = fstatSync(handle);
    const part = (position: number): string => {
      const buffer = Buffer.alloc(Math.min(LOOKED_AT, size));
      return buffer.toString('latin1', 0, readSync(handle, buffer, 0, buffer.length, position));
    };
    const head = part(0);
    if (head[8] === '{') return null;
    if (head.startsWith('PK\x03\x04')) {
      const names = head + part(Math.max(0, size - LOOKED_AT));
      return ZIP_NAMES.find(([name]) => name.test(names))?.[1] ?? 'a ZIP archive';
    }
    return SIGNS.find(([at, text]) => head.startsWith(text, at))?.[2] ?? byContent(head);
  } finally {
    closeSync(handle);
  }
}

function byContent(head: string): string | null {
  // This is the magic number that torch.save wrote before PyTorch 1.6, as a pickle, which may have a frame.
  if (/^\x80[\x02-\x05](\x95[^]{8})?\x8a\x0al\xfc\x9cF\xf9 j\xa8P\x19/.test(head)) return PYTORCH;
  // This is a pickle of protocol 2 to 5, which older PyTorch programs and joblib write.
  if (/^\x80[\x02-\x05]/.test(head)) return 'a Python pickle, such as PyTorch and joblib write';
  // Field 1 of an ONNX model is its version; field 2 or 8 follows.
  if (/^\x08[\x01-\x14][\x12\x42]/.test(head)) return 'an ONNX model';
  if (/^\s*<(!doctype|html|\?xml)/i.test(head)) return 'a web page or XML, such as a server sends in place of a file';
  if (/^\s*\{/.test(head))
    return head.includes('"weight_map"')
      ? 'the index of weights that are spread over several files'
      : 'a JSON file, such as a configuration';
  return null;
}

/** Says how to save it as safetensors in Python, where PyTorch may read it. */
function nextStep(path: string, name: string): string {
  if (!name.includes('pickle')) return 'Choose a safetensors or a PyTorch file of a timm model.';
  const to = path.replace(/\.\w+$/, '') + '.safetensors';
  return [
    'Save it as safetensors in Python, where PyTorch and the safetensors package are installed, and give that file:',
    `import torch; from safetensors.torch import save_file; state = torch.load(${JSON.stringify(path)}, map_location="cpu");`,
    'state = state.get("state_dict", state.get("model", state));',
    `save_file({k: v.contiguous() for k, v in state.items() if torch.is_tensor(v)}, ${JSON.stringify(to)})`,
  ].join(' ');
}

/** Returns the reader of a file. @throws AppError weights_mismatch for a file of another known format */
export function weightsFormat(path: string): 'safetensors' | 'pytorch' {
  const name = foreignWeights(path);
  if (name === PYTORCH) return 'pytorch';
  if (name === null) return 'safetensors';
  throw new AppError({
    code: 'weights_mismatch',
    what: `${path} is neither a safetensors nor a PyTorch file.`,
    why: `It is ${name}, which is not read.`,
    next: nextStep(path, name),
  });
}
