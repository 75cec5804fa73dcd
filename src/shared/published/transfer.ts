/**
 * Transfer to other tasks of networks trained for 300 epochs or with EfficientTrain++ (Wang et al., TPAMI 2024, tables
 * 16 to 18).
 */
import { PLAIN, PLUS_PLUS, published, type PublishedRow } from './row';

/** Cascade Mask R-CNN, 1x schedule: [model, box and mask AP of the baseline, of EfficientTrain++]. */
const COCO: readonly [string, [number, number], [number, number]][] = [
  ['Swin-T', [48.1, 41.5], [48.4, 41.9]],
  ['Swin-S', [50, 43.1], [50.7, 43.7]],
  ['Swin-B', [50.9, 44], [51.3, 44.3]],
];

/** UperNet, 160,000 steps: [model, mIoU of the baseline, of EfficientTrain++]. */
const ADE20K: readonly [string, number, number][] = [
  ['DeiT-S', 43.1, 44.2],
  ['Swin-T', 44.4, 44.8],
  ['Swin-S', 47.7, 48.2],
  ['Swin-B', 48, 48.5],
];

const transferred = (
  model: string,
  data: string,
  [plain, curriculum]: [Record<string, number>, Record<string, number>],
): PublishedRow[] => [
  published(model, PLAIN, 300, null, { data, where: 'Transfer', measures: plain }),
  published(model, PLUS_PLUS, 200, null, { data, where: 'Transfer', measures: curriculum }),
];

const ap = ([box, mask]: [number, number]): Record<string, number> => ({ 'box AP': box, 'mask AP': mask });
const DOGS = { data: 'Stanford Dogs, fine-tuned', where: 'Transfer' };

export const TRANSFER_ROWS: readonly PublishedRow[] = [
  ...COCO.flatMap(([model, plain, curriculum]) =>
    transferred(model, 'COCO, Cascade Mask R-CNN 1x', [ap(plain), ap(curriculum)]),
  ),
  ...ADE20K.flatMap(([model, plain, curriculum]) =>
    transferred(model, 'ADE20K, UperNet 160k', [{ mIoU: plain }, { mIoU: curriculum }]),
  ),
  ...transferred('DeiT-S', 'ADE20K, UperNet 160k, several sizes and flips', [{ mIoU: 44 }, { mIoU: 45.2 }]),
  published('DeiT-S', PLAIN, 300, 0.89, DOGS),
  published('DeiT-S', PLUS_PLUS, 200, 0.897, DOGS),
  ...[
    published('ViT-B', 'MAE', 1600, null, { data: 'COCO', where: 'Transfer', measures: { 'box AP': 51.6 } }),
    published('ViT-B', `MAE with HOG targets, ${PLUS_PLUS}`, 400, null, {
      data: 'COCO',
      where: 'Transfer',
      measures: { 'box AP': 51.7 },
    }),
  ],
];
