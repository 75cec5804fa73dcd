import { reviewImport, type ImportOptions, type Review } from '../../src/main/services/datasets/imports';

/** Scans a folder or a table for an import, by default with nothing excluded and a quarter of the images held out. */
export const reviewFolder = (
  options: Pick<ImportOptions, 'source' | 'home'> & Partial<ImportOptions>,
): Promise<Review> =>
  reviewImport({
    signal: new AbortController().signal,
    valSplit: 0.25,
    seed: 0,
    exclude: { problems: false, leaks: false },
    onProgress: () => undefined,
    ...options,
  });

/** Scans as `reviewFolder` does, and gives the review's files back at once. */
export async function scanned(
  options: Parameters<typeof reviewFolder>[0],
): Promise<Pick<Review, 'dataset' | 'problems'>> {
  const review = await reviewFolder(options);
  review.discard();
  return review;
}
