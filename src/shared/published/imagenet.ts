/**
 * Top-1 on ImageNet-1K. Wang et al., EfficientTrain++, TPAMI 2024: table 7 (300-epoch training against 200 equivalent
 * epochs; the speed-ups are in time and in compute) and figure 7 (other lengths). Wang et al., EfficientTrain, ICCV
 * 2023: tables 6 and 8.
 */
import { FIRST, ICCV, PLAIN, PLUS_PLUS, published, type PublishedRow } from './row';

interface Compared {
  model: string;
  /** Top-1 of 300 epochs at the final size, and of 200 equivalent epochs of the curriculum. */
  plain: number;
  curriculum: number;
  /** Factors of less compute and of less time; null where the paper gives one range for several models. */
  compute: number;
  time: number | null;
  note?: string;
}

const PVT = 'The paper says 1.48 to 1.51 times faster for the four sizes.';
const CSWIN = 'The paper says 1.50 to 1.52 times faster for the three sizes.';
const CAFORMER = 'The paper says 1.58 to 1.59 times faster for the three sizes.';

const TABLE_7: readonly Compared[] = [
  { model: 'ResNet-50', plain: 0.788, curriculum: 0.796, compute: 1.49, time: 1.45 },
  { model: 'ConvNeXt-T', plain: 0.821, curriculum: 0.822, compute: 1.49, time: 1.49 },
  { model: 'ConvNeXt-S', plain: 0.831, curriculum: 0.832, compute: 1.49, time: 1.52 },
  { model: 'ConvNeXt-B', plain: 0.838, curriculum: 0.838, compute: 1.49, time: 1.49 },
  { model: 'DeiT-T', plain: 0.725, curriculum: 0.737, compute: 1.56, time: 1.64 },
  { model: 'DeiT-S', plain: 0.803, curriculum: 0.81, compute: 1.52, time: 1.6 },
  { model: 'PVT-T', plain: 0.755, curriculum: 0.759, compute: 1.51, time: null, note: PVT },
  { model: 'PVT-S', plain: 0.799, curriculum: 0.804, compute: 1.51, time: null, note: PVT },
  { model: 'PVT-M', plain: 0.818, curriculum: 0.819, compute: 1.51, time: null, note: PVT },
  { model: 'PVT-L', plain: 0.823, curriculum: 0.824, compute: 1.51, time: null, note: PVT },
  { model: 'Swin-T', plain: 0.813, curriculum: 0.816, compute: 1.51, time: 1.49 },
  { model: 'Swin-S', plain: 0.831, curriculum: 0.832, compute: 1.51, time: 1.51 },
  { model: 'Swin-B', plain: 0.834, curriculum: 0.836, compute: 1.51, time: 1.47 },
  { model: 'CSWin-T', plain: 0.827, curriculum: 0.829, compute: 1.52, time: null, note: CSWIN },
  { model: 'CSWin-S', plain: 0.834, curriculum: 0.836, compute: 1.52, time: null, note: CSWIN },
  { model: 'CSWin-B', plain: 0.843, curriculum: 0.843, compute: 1.52, time: null, note: CSWIN },
  { model: 'CAFormer-S18', plain: 0.835, curriculum: 0.834, compute: 1.52, time: null, note: CAFORMER },
  { model: 'CAFormer-S36', plain: 0.843, curriculum: 0.843, compute: 1.52, time: null, note: CAFORMER },
  { model: 'CAFormer-M36', plain: 0.849, curriculum: 0.85, compute: 1.52, time: null, note: CAFORMER },
];

/**
 * Values of figure 7 that table 7 does not have: [model, baseline at 100 and 200 epochs, EfficientTrain++ at 100 and
 * 150].
 */
const FIGURE_7: readonly [string, number, number, number, number][] = [
  ['DeiT-T', 0.683, 0.715, 0.724, 0.733],
  ['DeiT-S', 0.767, 0.795, 0.798, 0.806],
  ['Swin-T', 0.79, 0.808, 0.809, 0.814],
  ['Swin-S', 0.81, 0.826, 0.829, 0.831],
  ['Swin-B', 0.818, 0.833, 0.833, 0.835],
];

/** Table 6 of the first paper: 300 passes of its curriculum, which cost about 200 at the final size. */
const ICCV_TABLE_6: readonly [string, number][] = [
  ['ResNet-50', 0.794],
  ['DeiT-T', 0.733],
  ['DeiT-S', 0.804],
  ['Swin-T', 0.814],
  ['Swin-S', 0.832],
  ['Swin-B', 0.836],
];

/** Table 8c of the first paper: Swin-B at other final sizes, [size, baseline, EfficientTrain, times faster]. */
const FINAL_SIZES: readonly [number, number, number, number][] = [
  [224, 0.834, 0.836, 1.5],
  [384, 0.845, 0.847, 2.91],
  [512, 0.847, 0.851, 3.37],
];

const PASSES = (count: number): string =>
  `The paper says ${count} epochs: passes over the data, most of them at less than the final size.`;

export const IMAGENET_ROWS: readonly PublishedRow[] = [
  ...TABLE_7.flatMap(({ model, plain, curriculum, compute, time, note = null }) => [
    published(model, PLAIN, 300, plain),
    published(model, PLUS_PLUS, 200, curriculum, { speedup: time, speedup_compute: compute, note }),
  ]),
  ...FIGURE_7.flatMap(([model, plain100, plain200, curriculum100, curriculum150]) => [
    published(model, PLAIN, 100, plain100),
    published(model, PLAIN, 200, plain200),
    published(model, PLUS_PLUS, 100, curriculum100),
    published(model, PLUS_PLUS, 150, curriculum150),
  ]),
  published('DeiT-T', PLUS_PLUS, 300, 0.744),
  published('DeiT-S', PLUS_PLUS, 300, 0.813),
  ...ICCV_TABLE_6.map(([model, top1]) => published(model, FIRST, 200, top1, { paper: ICCV, note: PASSES(300) })),
  ...[
    published('DeiT-T', FIRST, 300, 0.743, { paper: ICCV, note: PASSES(450) }),
    published('DeiT-S', FIRST, 300, 0.809, { paper: ICCV, note: PASSES(450) }),
  ],
  ...FINAL_SIZES.flatMap(([size, plain, curriculum, speedup]) => [
    published('Swin-B', PLAIN, 300, plain, { paper: ICCV, where: 'Final sizes', size }),
    published('Swin-B', FIRST, null, curriculum, { paper: ICCV, where: 'Final sizes', size, speedup }),
  ]),
];
