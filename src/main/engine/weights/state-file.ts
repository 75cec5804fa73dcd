import { SafetensorsFile, writeSafetensors } from './safetensors';

/**
 * Writes the whole training state (parameters, buffers, optimizer slots, EMA) as flat tensors in the layouts used
 * inside.
 */
export function writeState(
  path: string,
  state: Record<string, Float32Array | Int32Array>,
  metadata: Record<string, string>,
): { sha256: string; bytes: number } {
  return writeSafetensors(
    path,
    Object.fromEntries(Object.entries(state).map(([name, data]) => [name, { shape: [data.length], data }])),
    metadata,
  );
}

/** Yields one variable after the other. */
export function* readState(path: string): Generator<[string, Float32Array | Int32Array]> {
  const file = new SafetensorsFile(path);
  for (const name of file.names) yield [name, file.read(name)];
}
