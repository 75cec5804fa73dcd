/**
 * ImageNet-22K pre-training (Wang et al., TPAMI 2024, tables 12 and 13) and masked autoencoders (table 15; Wang et al.,
 * ICCV 2023, table 10). Top-1 is on ImageNet-1K after fine-tuning.
 */
import { FIRST, ICCV, PLAIN, PLUS_PLUS, published, type Facts, type PublishedRow } from './row';

/** Table 12: [model, method, top-1 at 224 px, at 384 px, GPU-days]. */
const TABLE_12: readonly [string, string, number, number, number][] = [
  ['ConvNeXt-B', PLAIN, 0.858, 0.867, 181.9],
  ['ConvNeXt-B', PLUS_PLUS, 0.859, 0.869, 122.3],
  ['ConvNeXt-L', PLAIN, 0.864, 0.873, 375.8],
  ['ConvNeXt-L', PLUS_PLUS, 0.865, 0.873, 249.3],
  ['CSWin-B', PLAIN, 0.86, 0.872, 126.9],
  ['CSWin-B', `${PLUS_PLUS}, half the cost`, 0.863, 0.874, 62.9],
  ['CSWin-B', `${PLUS_PLUS}, a third of the cost`, 0.861, 0.871, 41.9],
  ['CSWin-L', PLAIN, 0.868, 0.879, 237.8],
  ['CSWin-L', `${PLUS_PLUS}, half the cost`, 0.87, 0.879, 119],
  ['CSWin-L', `${PLUS_PLUS}, a third of the cost`, 0.868, 0.878, 79.3],
];

/** Table 13: [model, budget, times faster on 16 and on 64 GPUs without a larger early batch, and with it]. */
const TABLE_13: readonly [string, string, [number, number], [number, number]][] = [
  ['CSWin-B', 'half the cost', [2, 1.4], [2, 2]],
  ['CSWin-B', 'a third of the cost', [3, 2.1], [3, 2.9]],
  ['CSWin-L', 'half the cost', [2, 1.4], [2, 1.9]],
  ['CSWin-L', 'a third of the cost', [3, 2.1], [3, 2.9]],
];

const PRETRAINED: Facts = { data: 'ImageNet-22K, fine-tuned on ImageNet-1K', where: 'ImageNet-22K pre-training' };
const CLUSTER: Facts = { data: 'ImageNet-22K', where: 'Early large batch' };
const MAE: Facts = { data: 'ImageNet-1K, fine-tuned', where: 'Masked autoencoders' };

const onGpus = ([few, many]: [number, number]): Record<string, number> => ({
  'times faster on 16 GPUs': few,
  'times faster on 64 GPUs': many,
});

/** Table 15: [method, epochs of pre-training, top-1, pre-training speed against 1,600 epochs of MAE]. */
const TABLE_15: readonly [string, number | null, number, number | null][] = [
  ['MAE', 1600, 0.836, 1],
  ['MAE', 400, 0.83, 4],
  ['MAE with HOG targets', 1600, 0.837, 1],
  ['MAE with HOG targets', 400, 0.832, 4],
  [`MAE with HOG targets, ${PLUS_PLUS}`, 400, 0.837, 3.98],
  ['DINO', null, 0.828, null],
  ['MoCo v3', null, 0.832, null],
  ['BEiT', null, 0.832, 0.92],
  ['MaskFeat', null, 0.836, 1.5],
  ['LoMaR', null, 0.836, 3.52],
  ['CAE', null, 0.836, 2.1],
  ['LocalMIM with HOG targets', null, 0.837, 3.14],
];

/**
 * Table 10 of the first paper, 1,600 epochs: [model, MAE, with EfficientTrain, times less compute, times less time].
 */
const ICCV_TABLE_10: readonly [string, number, number, number, number][] = [
  ['ViT-B', 0.835, 0.836, 1.54, 1.52],
  ['ViT-L', 0.859, 0.858, 1.53, 1.55],
];

export const PRETRAINING_ROWS: readonly PublishedRow[] = [
  ...TABLE_12.flatMap(([model, method, at224, at384, gpu_days]) => [
    published(model, method, null, at224, { ...PRETRAINED, gpu_days }),
    published(model, method, null, at384, { ...PRETRAINED, size: 384, gpu_days }),
  ]),
  ...TABLE_13.flatMap(([model, budget, without, large]) => [
    published(model, `${PLUS_PLUS}, ${budget}, one batch`, null, null, { ...CLUSTER, measures: onGpus(without) }),
    published(model, `${PLUS_PLUS}, ${budget}, early large batch`, null, null, { ...CLUSTER, measures: onGpus(large) }),
  ]),
  ...TABLE_15.map(([method, epochs, top1, speed]) =>
    published('ViT-B', method, epochs, top1, { ...MAE, speedup_compute: speed }),
  ),
  ...ICCV_TABLE_10.flatMap(([model, plain, curriculum, compute, time]) => [
    published(model, 'MAE', 1600, plain, { ...MAE, paper: ICCV }),
    published(model, `MAE, ${FIRST}`, 1600, curriculum, {
      ...MAE,
      paper: ICCV,
      speedup: time,
      speedup_compute: compute,
    }),
  ]),
];
