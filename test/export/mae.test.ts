/** Exports of a masked autoencoder: its encoder for timm, the whole network, and a SavedModel that returns features. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { partsOfFormat } from '../../src/shared/export-part';
import { exportFormats } from '../../src/main/engine/export/formats';
import { command } from '../../src/main/cli/commands/export';
import { modelEntry } from '../../src/main/engine/models';
import { SafetensorsFile } from '../../src/main/engine/weights/safetensors';
import type { Run } from '../../src/main/store/runs';
import { callOf } from '../support/command-call';
import { engineMissing } from '../support/engine';
import { importFolder, newRun, smallSample, temporary, train } from '../support/training';

it('the window knows which formats have a place for the decoder', () => {
  for (const { id, parts } of exportFormats()) expect(partsOfFormat(id)).toEqual(parts);
});

describe.skipIf(engineMissing)('export of a masked autoencoder', () => {
  const home = temporary('export-mae');
  const out = (name: string): string => join(home, 'out', name);
  const read = (name: string, file: string): string => readFileSync(join(out(name), file), 'utf8');
  const json = (name: string, file: string): unknown => JSON.parse(read(name, file));
  let run: Run;

  beforeAll(async () => {
    // The dataset has no split val, so the check has to take images of train.
    const dataset = await importFolder(home, join(smallSample(join(home, 'photos'), 24), 'train'), true);
    run = newRun(home, dataset, {
      ...{ model: 'mae_vit_micro_patch4', epochs: 3 },
      set: ['mae.decoder_depth=1', 'mae.mask_ratio=0.5', 'ema.decay=0.9'],
    });
    expect((await train(home, run).ended).code).toBe(0);
  });

  async function exported(name: string, values: Record<string, string>): Promise<void> {
    const { json } = await command.run(callOf(home, [run.id], { out: out(name), ...values }));
    expect(json).toMatchObject({ parity: { images: 64 } });
    expect((json as { parity: { max_abs_diff: number } }).parity.max_abs_diff).toBeLessThan(1e-5);
  }

  it('is the encoder by default, with the names of timm and nothing of the decoder', async () => {
    await exported('encoder', {});
    const { names } = new SafetensorsFile(join(out('encoder'), 'model.safetensors'));
    const blocks = Array.from({ length: 4 }, (_, index) =>
      ['attn.proj', 'attn.qkv', 'mlp.fc1', 'mlp.fc2', 'norm1', 'norm2'].map((layer) => `blocks.${index}.${layer}`),
    ).flat();
    const layers = [...blocks, 'norm', 'patch_embed.proj'].flatMap((layer) => [`${layer}.bias`, `${layer}.weight`]);
    expect([...names].sort()).toEqual([...layers, 'cls_token', 'pos_embed'].sort());
    expect(json('encoder', 'config.json')).toMatchObject({
      ...{ architecture: 'vit_tiny_patch16_224', num_classes: 0, num_features: 64, label_names: [] },
      model_args: { patch_size: 4, embed_dim: 64, depth: 4, num_heads: 2, num_classes: 0, img_size: 32 },
      pretrained_cfg: { num_classes: 0, first_conv: 'patch_embed.proj' },
    });
    expect(json('encoder', 'export.json')).toMatchObject({
      part: 'encoder',
      label_names: [],
      options: { num_classes: 0 },
    });
  });

  it('is described by a card that says what it is and names no labels', () => {
    const card = read('encoder', 'README.md');
    expect(card).toContain('The encoder of the masked autoencoder `mae_vit_micro_patch4`');
    expect(card).toContain('50 % of the patches masked, pixels predicted');
    expect(card).toContain('# features = model(');
    expect(card).toMatch(/\| `val\/loss_ema` \| \d/);
    expect(card).not.toContain('## Labels');
    expect(card).not.toContain('classes at');
  });

  it('--part all has the decoder, both tables of positions, and what builds them', async () => {
    await exported('all', { part: 'all' });
    const file = new SafetensorsFile(join(out('all'), 'model.safetensors'));
    const model = modelEntry('mae_vit_micro_patch4').create(OPTIONS);
    expect([...file.names].sort()).toEqual(model.params.map(({ name }) => name).sort());
    expect([file.shape('pos_embed'), file.shape('decoder_pos_embed')]).toEqual([
      [1, 65, 64],
      [1, 65, 32],
    ]);
    expect(json('all', 'config.json')).toMatchObject({
      ...{ architecture: 'mae_vit_micro_patch4', embed_dim: 64, depth: 4, num_heads: 2, patch_size: 4, img_size: 32 },
      ...{ decoder_embed_dim: 32, decoder_depth: 1, decoder_num_heads: 2, mask_ratio: 0.5 },
      ...{ norm_pix_loss: true, target: 'pixels' },
    });
    expect(read('all', 'README.md')).toContain('ViTMAEForPreTraining');
  });

  it('as SavedModel it gives features and has no labels', async () => {
    await exported('savedmodel', { format: 'savedmodel' });
    expect(readdirSync(out('savedmodel')).sort()).toEqual(['README.md', 'export.json', 'saved_model.pb']);
    expect(read('savedmodel', 'README.md')).toContain("['features'].numpy()");
  });

  it('refuses a SavedModel of the decoder', async () => {
    await expect(exported('x', { format: 'savedmodel', part: 'all' })).rejects.toMatchObject({ code: 'usage' });
    expect(readdirSync(join(home, 'out'))).not.toContain('x');
  });
});

const OPTIONS = {
  ...{ num_classes: 0, img_size: 32, drop_path_rate: 0, drop_rate: 0 },
  mae: { decoder_depth: 1 },
};
