/** Images of a dataset or of a review, fetched in the same way. */
import type { DatasetInfo } from '../../../shared/contract/datasets';
import type { Review } from '../../../shared/contract/reviews';
import { call } from '../../api/client';
import type { Thumb } from '../../components/thumb-loader';
import type { Page } from '../../composables/use-pages';
import type { Counts } from './counts';

export interface ImageItem {
  path: string;
  /** Class of the image; null: it has none. */
  label: string | null;
  width: number;
  height: number;
  bytes: number | null;
}

export interface ImageWish {
  split: string;
  /** Name of a class; null: all. */
  label: string | null;
  search: string;
}

export interface ImageSource {
  /** Owner of the pictures: another one has other pictures. */
  id: string;
  classes: readonly string[];
  counts: Counts;
  /** Whether images can be found by file name. */
  searchable: boolean;
  images: (wish: ImageWish, offset: number, limit: number) => Promise<Page<ImageItem>>;
  /** Returns pictures whose longest side is about `size` px. */
  thumbnails: (paths: string[], size: number) => Promise<Thumb[]>;
}

export const datasetSource = ({ id, classes, counts }: DatasetInfo): ImageSource => ({
  ...{ id, classes, counts, searchable: true },
  images: async ({ split, label, search }, offset, limit) => {
    const at = label === null ? null : classes.indexOf(label);
    const { total, images } = await call('datasets.images', { dataset: id, split, label: at, search, offset, limit });
    return {
      total,
      items: images.map((image) => ({ ...image, label: image.label === null ? null : (classes[image.label] ?? '') })),
    };
  },
  thumbnails: (paths, size) => call('datasets.thumbnails', { dataset: id, paths, size }),
});

export const reviewSource = ({ id, classes, counts }: Review): ImageSource => ({
  ...{ id, classes, counts, searchable: false },
  images: async ({ split, label }, offset, limit) => {
    const { total, images } = await call('reviews.images', { review: id, split, label, offset, limit });
    return { total, items: images.map((image) => ({ ...image, bytes: null })) };
  },
  thumbnails: (paths, size) => call('reviews.thumbnails', { review: id, paths, size }),
});
