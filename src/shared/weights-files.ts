/** Extensions of files that a run can start from: safetensors, and the usual ones of torch.save's files. */
export const WEIGHTS_EXTENSIONS: readonly string[] = ['safetensors', 'pth', 'pt', 'bin', 'tar'];
