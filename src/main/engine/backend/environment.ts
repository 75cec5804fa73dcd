import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { cudaFolders } from './cuda-libraries';
import { locateEngine } from './locate';

/**
 * Environment of a process that trains. TensorFlow reads it once, when its library loads. A parent therefore sets it
 * before it starts the trainer, and a process before its first load.
 */
export interface EngineThreads {
  /** Threads of one op; null means all cores. */
  intraOpThreads: number | null;
  /** Ops that run at once; null means one on a machine with few cores, and TensorFlow's own choice elsewhere. */
  interOpThreads: number | null;
}

/**
 * With at most so many cores, ops run one after the other on all of them unless the user says otherwise. Two at once
 * take the cores from each other: on two cores a step of ResNet-50 takes 1.05 to 1.1 times as long, one of DeiT or
 * ConvNeXt the same time. More than two were not measured.
 */
const FEW_CORES = 4;

export function engineEnvironment({ intraOpThreads, interOpThreads }: EngineThreads): Record<string, string> {
  const one = (intraOpThreads ?? availableParallelism()) <= FEW_CORES ? 1 : null;
  const interOp = interOpThreads ?? one;
  return {
    // ResNet-50 at 128 px takes 628 ms a step with it and 1120 ms without.
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(intraOpThreads === null
      ? {}
      : { TF_NUM_INTRAOP_THREADS: String(intraOpThreads), OMP_NUM_THREADS: String(intraOpThreads) }),
    ...(interOp === null ? {} : { TF_NUM_INTEROP_THREADS: String(interOp) }),
  };
}

/**
 * Returns the variables that only a process that may use a GPU gets. TensorFlow finds CUDA's libraries by the paths
 * inside its own libraries, but the loader searches LD_LIBRARY_PATH first: where that names another CUDA, our folders
 * have to come before it. TensorFlow must also take memory as it needs it, or the first process takes all there is.
 */
export function gpuEnvironment(environment: NodeJS.ProcessEnv = process.env): Record<string, string> {
  const engine = locateEngine();
  if (engine.kind !== 'libtensorflow' || !engine.cuda) return {};
  const path = [...cudaFolders(engine.folder), environment['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  // XLA finds the parts of a compiler that it links with here.
  const compiler = `--xla_gpu_cuda_data_dir=${join(engine.folder, 'nvidia', 'cuda_nvcc')}`;
  const flags = environment['XLA_FLAGS']?.includes('xla_gpu_cuda_data_dir')
    ? environment['XLA_FLAGS']
    : [environment['XLA_FLAGS'], compiler].filter(Boolean).join(' ');
  return { LD_LIBRARY_PATH: path, TF_FORCE_GPU_ALLOW_GROWTH: 'true', XLA_FLAGS: flags };
}

/** Sets the environment of this process where its user has not. Call it before the first load. */
export function applyEngineEnvironment(threads: EngineThreads): void {
  for (const [name, value] of Object.entries(engineEnvironment(threads))) process.env[name] ??= value;
}
