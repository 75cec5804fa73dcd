/**
 * Serialized tensorflow.ConfigProto, which the engine's sessions take from the file that TENSORFLOW_SESSION_CONFIG
 * names when they are made (native/session_options.h): number and type of a field, then its value.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

const NAME = 'TENSORFLOW_SESSION_CONFIG';

/** log_device_placement: TensorFlow prints on which device it places each node. */
export const LOG_PLACEMENT = Uint8Array.of(0x40, 1);

/** graph_options.optimizer_options.global_jit_level = ON_2: XLA compiles what it can. */
export const COMPILED_BY_XLA = Uint8Array.of(0x52, 4, 0x1a, 2, 0x28, 2);

/**
 * Calls `open`, whose session is made with this configuration, and returns its result. It works in the main thread
 * only, because no other thread has an environment of its own.
 */
export function withSessionConfig<T>(config: Uint8Array, open: () => T): T {
  const before = process.env[NAME];
  const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-session-'));
  try {
    process.env[NAME] = join(folder, 'config.pb');
    writeFileSync(process.env[NAME], config);
    return open();
  } finally {
    if (before === undefined) delete process.env[NAME];
    else process.env[NAME] = before;
    rmSync(folder, { recursive: true, force: true });
  }
}
