/** Imitates GPUs where there are none. */
import { chmodSync, mkdirSync, readdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporary } from './training';

/** Output of nvidia-smi for two GPUs, the second one with missing values. */
export const TWO_GPUS = `0, GPU-aaaa, NVIDIA H100 80GB HBM3, 81559, 1024, 37, 54
1, GPU-bbbb, NVIDIA GeForce RTX 4090, 24564, 18, [N/A], [Not Supported]
`;

/** Makes a folder with an nvidia-smi that prints this and counts its starts in `calls`. */
export function fakeNvidiaSmi(text = TWO_GPUS, code = 0): string {
  const folder = temporary('nvidia-smi');
  writeFileSync(join(folder, 'said'), text);
  const script = `#!/bin/sh\nhere=$(dirname "$0")\necho "$@" >> "$here/calls"\n/bin/cat "$here/said"\nexit ${code}\n`;
  writeFileSync(join(folder, 'nvidia-smi'), script.replace('$(dirname "$0")', folder));
  chmodSync(join(folder, 'nvidia-smi'), 0o755);
  return folder;
}

/**
 * Makes a folder with the engine for the processor and an empty folder for CUDA's libraries: the program takes it for
 * the CUDA build, and TensorFlow finds no GPU.
 */
export function fakeCudaEngine(engine: string): string {
  const folder = temporary('gpu-engine');
  for (const name of readdirSync(engine).filter((entry) => !['manifest.json', 'nvidia'].includes(entry)))
    symlinkSync(join(engine, name), join(folder, name));
  mkdirSync(join(folder, 'nvidia', 'cublas', 'lib'), { recursive: true });
  return folder;
}
