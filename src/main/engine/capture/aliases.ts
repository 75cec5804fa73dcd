/** Ops whose result is their input's own memory: TensorFlow hands the buffer on. */
export const ALIASES: ReadonlySet<string> = new Set(['Identity', 'Reshape', 'Squeeze', 'ExpandDims', 'StopGradient', 'Snapshot']);
