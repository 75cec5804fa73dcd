import type { Gpu } from '../../../shared/contract/devices';
import { locateEngine } from '../../engine/backend/locate';
import { readGpus } from './nvidia-smi';
import { visibleGpus } from './visible';

/** Says whether the engine can use a GPU at all. */
export function usesCuda(): boolean {
  const engine = locateEngine();
  return engine.kind === 'libtensorflow' && engine.cuda;
}

/** Returns the GPUs that a run can be given; none where the engine is for the processor, without asking the tool. */
export async function usableGpus(environment: NodeJS.ProcessEnv = process.env): Promise<Gpu[]> {
  if (!usesCuda()) return [];
  const { gpus } = await readGpus(environment);
  return visibleGpus(gpus, environment['CUDA_VISIBLE_DEVICES']);
}
