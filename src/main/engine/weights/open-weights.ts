import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors';
import { weightsFormat } from './foreign-weights';
import type { Tensors } from './name-prefix';
import { PyTorchFile } from './pytorch/pytorch-file';
import { SafetensorsFile } from './safetensors';

export interface OpenedWeights {
  tensors: Tensors;
  /**
   * Key of a PyTorch file under which the weights were; null: the file consists of weights only, or it has another
   * format.
   */
  key: string | null;
}

/**
 * Opens a safetensors or a PyTorch file, or the folder of an export.
 * @param key of the weights in a PyTorch file; null: the usual ones @throws AppError not_found, usage, weights_mismatch
 */
export function openWeights(path: string, key: string | null): OpenedWeights {
  const missing = (what: string): AppError =>
    new AppError({
      code: 'not_found',
      what,
      why: '--init names it.',
      next: 'Give the path of a safetensors or a PyTorch file of a timm model, or of the folder of an export in that format.',
    });
  if (!existsSync(path)) throw missing(`There is no file ${path}.`);
  const file = statSync(path).isDirectory() ? join(path, 'model.safetensors') : path;
  if (!existsSync(file)) throw missing(`The folder ${path} holds no model.safetensors.`);
  if (weightsFormat(file) === 'pytorch') {
    const tensors = new PyTorchFile(file, key);
    return { tensors, key: tensors.key };
  }
  if (key === null) return { tensors: new SafetensorsFile(file), key: null };
  throw new AppError({
    code: 'usage',
    what: `${file} has no key ${key}.`,
    why: 'It is a safetensors file, which holds tensors and no dictionaries of them.',
    next: 'Leave --init-key out.',
    action: { id: 'no_init_key' },
  });
}
