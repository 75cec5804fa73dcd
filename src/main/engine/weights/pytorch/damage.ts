import { AppError } from '../../../../shared/errors';

/**
 * Makes the error for a PyTorch file that is not complete, or whose content no weights have. @param why whole sentences
 */
export const refused = (
  path: string,
  why: string,
  next = 'Choose another file, or write it again with torch.save.',
): AppError =>
  new AppError({
    code: 'weights_mismatch',
    what: `${path} can't be read as PyTorch weights.`,
    why,
    next: `${next} Nothing was loaded.`,
  });
