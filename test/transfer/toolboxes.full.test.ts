/**
 * Our exports load into the real backbones of mmdetection and mmsegmentation, configured as in docs/transfer.md.
 * PYTHON_WITH_MMDET names a Python with the packages of load_backbones.py.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { openExtractor } from '../../src/main/engine/inference/features';
import type { ExportNames } from '../../src/shared/export-names';
import { engineMissing } from '../support/engine';
import { cacheFolder, exportInput, randomImages, writeExport } from '../export/support';

interface Case {
  model: string;
  size: number;
  names: ExportNames;
  toolbox: 'mmdet' | 'mmseg' | 'mmpretrain';
  type: string;
  arguments: Record<string, unknown>;
  loads: 'toolbox' | 'timm';
  /** The toolbox's script with which its users convert an official file (load_backbones.py). */
  converter?: readonly [string, string, string, string | null];
  /** Key of the weights in the file of torch.save, where it is not `model`. */
  container?: string;
  /** Whether the backbone has a norm of its own after each map. */
  norms?: boolean;
  /** Our maps that the backbone returns too, from the largest to the smallest. */
  maps: string[];
}

const MICRO = { num_layers: [1, 1, 2, 1], num_heads: [1, 2, 3, 4], embed_dims: 32, mlp_ratios: [4, 4, 4, 4] };
const STAGES = ['stages.0', 'stages.1', 'stages.2', 'stages.3'];
const official = { names: 'official', toolbox: 'mmdet', loads: 'toolbox' } as const;
const timm = { names: 'timm', toolbox: 'mmseg', type: 'TIMMBackbone', loads: 'timm', size: 32 } as const;

const SWIN_MICRO = {
  ...{ embed_dims: 32, depths: [2, 2, 2], num_heads: [2, 4, 8], patch_size: 2, strides: [2, 2, 2], window_size: 4 },
  ...{ pretrain_img_size: 32, out_indices: [0, 1, 2] },
};
/**
 * The last map is left out. Where a map is no larger than a window, the toolboxes still shift their windows, unlike the
 * code of Swin's authors for classification.
 */
const MICRO_LAYERS = ['layers.0', 'layers.1'];
const swin = { names: 'official', type: 'SwinTransformer', loads: 'toolbox', norms: true } as const;

const CASES: Case[] = [
  {
    ...{ ...swin, toolbox: 'mmdet', model: 'swin_tiny_patch4_window7_224', size: 224 },
    ...{ arguments: { convert_weights: true }, maps: [...MICRO_LAYERS, 'layers.2'] },
  },
  {
    ...{ ...swin, toolbox: 'mmdet', model: 'swin_micro', size: 32, maps: MICRO_LAYERS },
    arguments: { ...SWIN_MICRO, convert_weights: true },
  },
  {
    ...{ ...swin, toolbox: 'mmseg', model: 'swin_micro', size: 32, maps: MICRO_LAYERS, arguments: SWIN_MICRO },
    converter: ['mmseg', 'swin2mmseg', 'convert_swin', null],
  },
  {
    ...{ names: 'official', toolbox: 'mmpretrain', type: 'ConvNeXt', model: 'convnext_micro', size: 32 },
    ...{ loads: 'toolbox', norms: true, maps: STAGES },
    converter: ['mmpretrain', 'convnext_to_mmpretrain', 'convert_convnext', 'backbone.'],
    arguments: {
      ...{ arch: { depths: [1, 1, 3, 1], channels: [16, 32, 64, 128] }, stem_patch_size: 1 },
      ...{ out_indices: [0, 1, 2, 3], gap_before_final_norm: false },
    },
  },
  {
    ...{ names: 'official', toolbox: 'mmpretrain', type: 'ConvNeXt', model: 'convnext_tiny', size: 96 },
    ...{ loads: 'toolbox', norms: true, maps: STAGES },
    converter: ['mmpretrain', 'convnext_to_mmpretrain', 'convert_convnext', 'backbone.'],
    arguments: { arch: 'tiny', out_indices: [0, 1, 2, 3], layer_scale_init_value: 1, gap_before_final_norm: false },
  },
  {
    ...{ names: 'timm', toolbox: 'mmdet', type: 'ResNet', model: 'resnet18', size: 64, loads: 'toolbox' },
    ...{ container: 'state_dict', arguments: { depth: 18 }, maps: ['layer1', 'layer2', 'layer3', 'layer4'] },
  },
  {
    ...{
      ...official,
      model: 'pvt_tiny',
      size: 224,
      type: 'PyramidVisionTransformer',
      arguments: { num_layers: [2, 2, 2, 2] },
    },
    // The last stage is left out: the toolbox has no class token, which takes part in the attention there.
    maps: ['block1', 'block2', 'block3'],
  },
  {
    ...{ ...official, model: 'pvt_v2_micro', size: 32, type: 'PyramidVisionTransformerV2', maps: STAGES },
    arguments: { ...MICRO, sr_ratios: [2, 1, 1, 1] },
  },
  {
    ...{ ...timm, model: 'pvt_v2_micro', maps: STAGES },
    arguments: {
      model_name: 'pvt_v2_b0',
      ...{ depths: [1, 1, 2, 1], embed_dims: [32, 64, 96, 128], num_heads: [1, 2, 3, 4] },
      ...{ sr_ratios: [2, 1, 1, 1], mlp_ratios: [4, 4, 4, 4] },
    },
  },
  {
    ...{ ...timm, model: 'convnext_micro', maps: STAGES },
    arguments: { model_name: 'convnext_tiny', depths: [1, 1, 3, 1], dims: [16, 32, 64, 128], patch_size: 1 },
  },
  { ...{ ...timm, model: 'caformer_s18', size: 64, maps: STAGES }, arguments: { model_name: 'caformer_s18' } },
  {
    ...{ ...timm, toolbox: 'mmpretrain', model: 'caformer_s18', size: 64, maps: STAGES },
    arguments: { model_name: 'caformer_s18' },
  },
];

const python = process.env['PYTHON_WITH_MMDET'];
if (!python) console.log('skipped: PYTHON_WITH_MMDET names no Python with mmdet and mmsegmentation');

const COUNT = 2;

const floats = (path: string, values: Float32Array): void =>
  writeFileSync(path, Buffer.from(values.buffer, values.byteOffset, values.byteLength));

/** Normalises images as the network does: N x S x S x 3 -> N x 3 x S x S. */
function channelsFirst(
  images: Uint8Array,
  size: number,
  mean: readonly number[],
  std: readonly number[],
): Float32Array {
  const area = size * size;
  return Float32Array.from(images, (_, at) => {
    const [image, channel, pixel] = [Math.floor(at / (3 * area)), Math.floor(at / area) % 3, at % area];
    const value = images[(image * area + pixel) * 3 + channel] as number;
    return (value / 255 - (mean[channel] as number)) / (std[channel] as number);
  });
}

const lastLine = (out: string): unknown => JSON.parse(out.trim().split('\n').at(-1)!);

const folderOf = ({ toolbox, type, model }: Case): string => `${toolbox} ${type} ${model}`;

/** Writes a case's folder for load_backbones.py. */
function prepare(root: string, example: Case): void {
  const { model, size, names, maps } = example;
  const folder = join(root, folderOf(example));
  mkdirSync(folder);
  const input = { ...exportInput(model, 7, size), names };
  cpSync(join(writeExport('safetensors', input), 'model.safetensors'), join(folder, 'model.safetensors'));
  const images = randomImages(COUNT, size);
  const { mean, std } = input.preprocessing;
  floats(join(folder, 'images.f32'), channelsFirst(images, size, mean, std));
  for (const feature of maps) {
    const network = { model: input.model, preprocessing: input.preprocessing, batch: COUNT, feature };
    const { executor, features } = openExtractor(network, cacheFolder);
    executor.write(input.values);
    floats(join(folder, `${feature}.f32`), features(images, COUNT).values);
    executor.dispose();
  }
  writeFileSync(join(folder, 'case.json'), JSON.stringify(example));
}

describe.skipIf(engineMissing || !python)('backbones of toolboxes', () => {
  it('take every parameter of an export, and give our maps', () => {
    const root = mkdtempSync(join(tmpdir(), 'transfer-'));
    for (const example of CASES) prepare(root, example);
    const out = execFileSync(python!, [join(import.meta.dirname, 'load_backbones.py'), root], { encoding: 'utf8' });
    const found = lastLine(out) as Record<string, { unfilled: string[]; differences: Record<string, number | null> }>;
    expect(Object.keys(found)).toHaveLength(CASES.length);
    for (const example of CASES) {
      const { model, maps } = example;
      const { unfilled, differences } = found[folderOf(example)]!;
      expect(unfilled, model).toEqual([]);
      expect(Object.keys(differences), model).toEqual(maps);
      // mmdet's PVT v1 has an epsilon of 1e-6; that of the authors is 1e-5.
      for (const [map, difference] of Object.entries(differences))
        expect(difference, `${model} ${map}`).toBeLessThan(1e-3);
    }
  });

  it('are built from every configuration of the page, whose necks and heads take their maps', () => {
    const page = join(import.meta.dirname, '../../docs/transfer.md');
    const out = execFileSync(python!, [join(import.meta.dirname, 'build_configurations.py'), page], {
      encoding: 'utf8',
    });
    const found = lastLine(out) as [section: string, base: string, type: string, widths: number[]][];
    const types = (base: string): string[] => found.filter((each) => each[1] === base).map(([, , type]) => type);
    const detection = ['SwinTransformer', 'mmpretrain.ConvNeXt', 'PyramidVisionTransformer'].concat(
      ...['PyramidVisionTransformerV2', 'mmpretrain.TIMMBackbone', 'ResNet'],
    );
    for (const base of ['mask-rcnn_r50_fpn', 'cascade-mask-rcnn_r50_fpn', 'retinanet_r50_fpn'])
      expect(types(base)).toEqual(detection);
    expect(types('upernet_swin')).toEqual([
      ...[
        'SwinTransformer',
        'TIMMBackbone',
        'TIMMBackbone',
        'TIMMBackbone',
        'mmdet.PyramidVisionTransformer',
        'ResNet',
      ],
    ]);
    for (const [, base, type, widths] of found) expect(widths, `${base} ${type}`).toHaveLength(4);
  });
});
