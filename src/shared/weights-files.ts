/**
 * Ends of the names of files that a run can start from: safetensors, and what torch.save's files are usually called.
 */
export const WEIGHTS_EXTENSIONS: readonly string[] = ['safetensors', 'pth', 'pt', 'bin', 'tar'];
