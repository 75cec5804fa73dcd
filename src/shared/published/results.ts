/**
 * What the papers report, to lay beside one's own runs. Wang et al., EfficientTrain++: Generalized Curriculum Learning for Efficient Visual
 * Backbone Training, TPAMI 2024 (arXiv 2405.08768): top-1 on ImageNet-1K at 224 px. `epochs` are equivalent epochs: compute in passes at the
 * final size. `speedup` is in time against the paper's own 300-epoch training of the same model, and for MAE in compute against its 1,600
 * epochs; null where none is given.
 */
import type { z } from 'zod';
import type { publishedSchema } from '../contract/compare';

type Row = z.output<typeof publishedSchema>;

const PAPER = 'Wang et al., TPAMI 2024 (arXiv 2405.08768)';
const PLAIN = 'Baseline';
const CURRICULUM = 'EfficientTrain++';

function row(
  model: string,
  method: string,
  epochs: number,
  top1: number,
  {
    speedup = null,
    data = 'ImageNet-1K',
    where = 'ImageNet-1K classification',
  }: Partial<Pick<Row, 'speedup' | 'data' | 'where'>> = {},
): Row {
  const id = `${model} ${method} ${epochs} ${data}`.toLowerCase().replace(/[^a-z0-9+]+/g, '-');
  return { id, paper: PAPER, where, model, data, epochs, method, top1, speedup };
}

const MAE = { data: 'ImageNet-1K, fine-tuned', where: 'Masked autoencoders' };
const DOGS = { data: 'Stanford Dogs, fine-tuned', where: 'Transfer' };

export const PUBLISHED_RESULTS: readonly Row[] = [
  row('ResNet-50', PLAIN, 300, 0.788),
  row('ResNet-50', CURRICULUM, 200, 0.796, { speedup: 1.45 }),
  row('DeiT-T', PLAIN, 300, 0.725),
  row('DeiT-T', CURRICULUM, 200, 0.737, { speedup: 1.64 }),
  row('DeiT-T', CURRICULUM, 300, 0.744),
  row('DeiT-S', PLAIN, 300, 0.803),
  row('DeiT-S', CURRICULUM, 200, 0.81, { speedup: 1.6 }),
  row('DeiT-S', CURRICULUM, 300, 0.813),
  row('ConvNeXt-T', CURRICULUM, 200, 0.822),
  row('ConvNeXt-S', CURRICULUM, 200, 0.832),
  row('ConvNeXt-B', CURRICULUM, 200, 0.838),
  row('PVT-T', CURRICULUM, 200, 0.759),
  row('PVT-S', CURRICULUM, 200, 0.804),
  row('PVT-M', CURRICULUM, 200, 0.819),
  row('PVT-L', CURRICULUM, 200, 0.824),
  row('Swin-T', CURRICULUM, 200, 0.816),
  row('Swin-S', CURRICULUM, 200, 0.832),
  row('Swin-B', CURRICULUM, 200, 0.836),
  row('CSWin-T', CURRICULUM, 200, 0.829),
  row('CSWin-S', CURRICULUM, 200, 0.836),
  row('CSWin-B', CURRICULUM, 200, 0.843),
  row('CAFormer-S18', CURRICULUM, 200, 0.834),
  row('CAFormer-S36', CURRICULUM, 200, 0.843),
  row('CAFormer-M36', CURRICULUM, 200, 0.85),
  row('ViT-B', 'MAE', 1600, 0.836, MAE),
  row('ViT-B', 'MAE', 400, 0.83, MAE),
  row('ViT-B', 'MAE with HOG targets, EfficientTrain++', 400, 0.837, { ...MAE, speedup: 3.98 }),
  row('DeiT-S', PLAIN, 300, 0.89, DOGS),
  row('DeiT-S', CURRICULUM, 200, 0.897, DOGS),
];
