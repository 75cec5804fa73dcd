import { AppError } from '../../../shared/errors';
import { compareClasses } from '../../engine/data/scan/class-lists';
import { excludeKinds, excludePaths, isChoice, redoChange, undoChange } from '../../engine/data/scan/exclusions';
import type { Handlers } from '../core/context';
import { commitReview } from '../datasets/commit-review';
import { picturesBelow } from '../pictures/pictures-below';
import {
  discardReview,
  listReviews,
  pageOfFindings,
  pageOfImages,
  pictureSource,
  reviewOf,
  withReview,
} from '../datasets/reviews';

export const handlers: Handlers<'reviews'> = {
  'reviews.list': ({ home }) => listReviews(home),
  'reviews.get': ({ home }, { review }) => withReview(home, review, (scratch) => reviewOf(review, scratch)),
  'reviews.findings': ({ home }, { review, kind, offset, limit }) =>
    withReview(home, review, (scratch) => pageOfFindings(scratch, kind, offset, limit)),
  'reviews.images': ({ home }, { review, ...page }) =>
    withReview(home, review, (scratch) => pageOfImages(scratch, page)),
  'reviews.thumbnails': (context, { review, paths, size }) =>
    picturesBelow(context, pictureSource(context.home, review, paths), paths, size),
  'reviews.exclude': ({ home }, { review, what, excluded }) =>
    withReview(home, review, (scratch) => {
      if ('paths' in what) {
        try {
          excludePaths(scratch, what.paths, excluded);
        } catch (error) {
          throw error instanceof RangeError ? notUsable(error.message) : error;
        }
      } else {
        const always = what.kinds.find((kind) => !isChoice(kind));
        if (always !== undefined && !excluded) throw notUsable(`Files of the kind ${always}`);
        excludeKinds(scratch, what.kinds.filter(isChoice), excluded);
      }
      compareClasses(scratch);
      return reviewOf(review, scratch);
    }),
  'reviews.undo': ({ home }, { review }) =>
    withReview(home, review, (scratch) => {
      undoChange(scratch);
      compareClasses(scratch);
      return reviewOf(review, scratch);
    }),
  'reviews.redo': ({ home }, { review }) =>
    withReview(home, review, (scratch) => {
      redoChange(scratch);
      compareClasses(scratch);
      return reviewOf(review, scratch);
    }),
  'reviews.commit': async (context, { review, name }) => ({ dataset: await commitReview(context, review, name) }),
  'reviews.discard': ({ home }, { review }) => {
    discardReview(home, review);
    return null;
  },
};

const notUsable = (what: string): AppError =>
  new AppError({
    code: 'usage',
    what: `${what} can't be taken into the dataset or left out of it.`,
    why: 'Files that are not usable images are always left out.',
    next: 'Repair the file, then scan the folder again.',
  });
