/**
 * Loads TensorFlow into this process (or thread). Environment flags must be set before: see environment.ts.
 *
 * `loadBinding` gives the addon alone, which runs captured graphs and decodes JPEG; `loadBackend` adds tfjs, which is
 * needed to trace or to run eagerly and takes a second to import.
 */
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import util from 'node:util';
import { AppError } from '../../../shared/errors';
import type { Binding, NodeBackend } from './node-backend';
import type { TF } from '../types';
import { locateEngine, type Engine } from './locate';

const load = createRequire(import.meta.url);
const PACKAGE = '@tensorflow/tfjs-node-gpu';

let binding: Binding | undefined;

/** Loads the addon. @throws AppError engine_unavailable where only tfjs's CPU backend is left */
export function loadBinding(): Binding {
  if (binding) return binding;
  const engine = locateEngine();
  if (engine.kind === 'tfjs-cpu') {
    throw new AppError({
      code: 'engine_unavailable',
      what: 'The TensorFlow engine is not available.',
      why: engine.why,
      next: 'Run `efficienttrain doctor`: it says how to add it.',
      action: { id: 'doctor' },
    });
  }
  try {
    binding = load(engine.addon) as Binding;
  } catch (cause) {
    throw new AppError(
      {
        code: 'engine_unavailable',
        what: `The TensorFlow engine ${engine.addon} can't be loaded.`,
        why: String(cause),
        next: 'Run `npm run engine` to build it again, then `efficienttrain doctor`.',
        action: { id: 'doctor' },
      },
      { cause },
    );
  }
  return binding;
}

export interface LoadedBackend {
  tf: TF;
  engine: Engine;
  /** The addon, or null on tfjs's CPU backend. */
  binding: Binding | null;
  backend: NodeBackend | null;
}

let loaded: LoadedBackend | undefined;

/** Loads tfjs on the best backend that is available. */
export function loadBackend(): LoadedBackend {
  if (loaded) return loaded;
  const engine = locateEngine();
  // Node 23 removed the first function and warns about the second. The package calls both at run time, so it is enough
  // to set them before use.
  Object.assign(util, {
    isNullOrUndefined: (value: unknown) => value === null || value === undefined,
    isArray: Array.isArray,
  });
  const tf = load('@tensorflow/tfjs') as TF;
  if (engine.kind === 'tfjs-cpu') {
    if (!tf.setBackend('cpu')) throw new Error("tfjs's CPU backend did not start");
    loaded = { tf, engine, binding: null, backend: null };
    return loaded;
  }
  const addon = loadBinding();
  const dist = join(dirname(load.resolve(`${PACKAGE}/package.json`)), 'dist');
  load(join(dist, 'register_all_kernels'));
  const { NodeJSKernelBackend } = load(join(dist, 'nodejs_kernel_backend')) as {
    NodeJSKernelBackend: new (addon: Binding, name: string) => NodeBackend;
  };
  tf.registerBackend('tensorflow', () => new NodeJSKernelBackend(addon, PACKAGE) as never, 3);
  if (!tf.setBackend('tensorflow')) throw new Error('the TensorFlow backend did not start');
  loaded = { tf, engine, binding: addon, backend: tf.backend() as unknown as NodeBackend };
  return loaded;
}
