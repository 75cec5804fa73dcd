/** Results of the papers, for comparison with one's own runs. */
import { IMAGENET_ROWS } from './imagenet';
import { PRETRAINING_ROWS } from './pretraining';
import type { PublishedRow } from './row';
import { TRANSFER_ROWS } from './transfer';

export const PUBLISHED_RESULTS: readonly PublishedRow[] = [...IMAGENET_ROWS, ...PRETRAINING_ROWS, ...TRANSFER_ROWS];
