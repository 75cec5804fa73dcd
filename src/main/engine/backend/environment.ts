/**
 * Environment of a process that trains. TensorFlow reads it once, when its library loads, so a parent sets it before it starts
 * the trainer, or a process before its first load.
 */
export interface EngineThreads {
  /** Threads of one op; null: all cores. */
  intraOpThreads: number | null;
  /** Ops at once; null: TensorFlow's own choice. */
  interOpThreads: number | null;
}

export function engineEnvironment({ intraOpThreads, interOpThreads }: EngineThreads): Record<string, string> {
  return {
    // ResNet-50 at 128 px: 1120 -> 628 ms a step (design.md).
    TF_ENABLE_ONEDNN_OPTS: '1',
    TF_CPP_MIN_LOG_LEVEL: '2',
    TF_FORCE_GPU_ALLOW_GROWTH: 'true',
    ...(intraOpThreads === null
      ? {}
      : { TF_NUM_INTRAOP_THREADS: String(intraOpThreads), OMP_NUM_THREADS: String(intraOpThreads) }),
    ...(interOpThreads === null ? {} : { TF_NUM_INTEROP_THREADS: String(interOpThreads) }),
  };
}

/** Set it for this process, where its user has not. Before the first load only. */
export function applyEngineEnvironment(threads: EngineThreads): void {
  for (const [name, value] of Object.entries(engineEnvironment(threads))) process.env[name] ??= value;
}
