import type { Gpu } from '../../../shared/contract/devices';

/**
 * Returns the GPUs that the user's own CUDA_VISIBLE_DEVICES leaves to this program: numbers, or beginnings of uuids. As
 * in CUDA, names after one that fits nothing do not count, so `-1` and an empty value hide all. Parts of a GPU
 * (`MIG-...`) fit none: they are left to CUDA.
 */
export function visibleGpus(gpus: readonly Gpu[], visible: string | undefined): Gpu[] {
  if (visible === undefined) return [...gpus];
  const found: Gpu[] = [];
  for (const name of visible.split(',').map((text) => text.trim())) {
    const gpu = gpus.find(({ index, uuid }) =>
      /^\d+$/.test(name) ? index === Number(name) : name !== '' && uuid.startsWith(name),
    );
    if (!gpu) break;
    found.push(gpu);
  }
  return found;
}
