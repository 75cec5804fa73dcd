import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { exportFormat } from '../../src/main/engine/export/formats';
import { python } from '../../src/main/engine/export/python';
import { timmConfig } from '../../src/main/engine/export/timm-config';
import { loadTimmWeights } from '../../src/main/engine/weights/load-timm';
import { SafetensorsFile } from '../../src/main/engine/weights/safetensors';
import { exportInput, writeExport } from './support';

describe("config.json in timm's form", () => {
  it('resnet_micro', () => {
    expect(timmConfig(exportInput('resnet_micro', 2))).toEqual({
      ...{
        architecture: 'resnet18',
        num_classes: 2,
        num_features: 256,
        label_names: ['class 0', 'class 1'],
        model_args: { layers: [1, 1, 1, 1], channels: [32, 64, 128, 256] },
      },
      pretrained_cfg: {
        ...{
          num_classes: 2,
          input_size: [3, 32, 32],
          fixed_input_size: false,
          crop_pct: 0.8,
          crop_mode: 'center',
          interpolation: 'bilinear',
          mean: [0.4, 0.5, 0.6],
          std: [0.2, 0.25, 0.3],
        },
        ...{ first_conv: 'conv1', classifier: 'fc', custom_load: false },
      },
    });
  });

  it('a model with position embeddings is built for its size', () => {
    const { architecture, model_args, pretrained_cfg } = timmConfig(exportInput('deit_micro', 2, 48));
    expect(architecture).toBe('deit_tiny_patch16_224');
    expect(model_args).toEqual({ patch_size: 4, embed_dim: 64, depth: 4, num_heads: 2, img_size: 48 });
    expect(pretrained_cfg).toMatchObject({
      fixed_input_size: true,
      first_conv: 'patch_embed.proj',
      classifier: 'head',
      input_size: [3, 48, 48],
    });
  });
});

describe('how to load it', () => {
  const text = (id: string, names: 'timm' | 'official' = 'timm'): string =>
    exportFormat('safetensors').howToLoad({ ...exportInput(id), names }, 'folder');

  it('is with timm where timm builds the network', () =>
    expect(text('convnext_micro')).toContain('timm.create_model('));

  it('names no function of timm where there is none, nor where the names are the authors’', () => {
    expect(text('caformer_micro')).toContain('timm has no function that builds this variant');
    expect(text('convnext_micro', 'official')).toContain('the names of facebookresearch/ConvNeXt');
    for (const other of [text('caformer_micro'), text('convnext_micro', 'official')])
      expect(other).not.toContain('create_model');
  });
});

describe('model.safetensors', () => {
  it("holds timm's state_dict: every parameter and buffer, and a counter for every norm", () => {
    const input = exportInput('resnet_micro');
    const folder = writeExport('safetensors', input);
    const file = new SafetensorsFile(join(folder, 'model.safetensors'));
    const norms = input.model.params.filter(({ name }) => name.endsWith('running_var')).length;
    expect(file.names).toHaveLength(input.model.params.length + norms);
    expect(file.metadata).toEqual({ format: 'pt' });
    expect(file.shape('conv1.weight')).toEqual([64, 3, 7, 7]);
    expect(file.dtype('bn1.num_batches_tracked')).toBe('I64');
    expect(file.shape('bn1.num_batches_tracked')).toEqual([]);
    expect(loadTimmWeights(input.model, folder).values).toEqual(input.values);
    expect(JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8'))).toEqual(timmConfig(input));
  });
});

it('writes values as Python reads them', () => {
  expect(python({ a: [1, -2.5], b: null, c: true, d: 'it\'s "so"' })).toBe(
    '{"a": [1, -2.5], "b": None, "c": True, "d": "it\'s \\"so\\""}',
  );
});
