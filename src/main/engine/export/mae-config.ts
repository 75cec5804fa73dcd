/** Writes a whole masked autoencoder's config.json, and says how PyTorch loads its file. */
import type { MaskedAutoencoder } from '../types';
import type { ExportInput } from './format';
import { python } from './python';

/** Returns the arguments that build the network, by the names of its authors' code, and its loss. */
export function maeConfig({ entry, model, mae, preprocessing }: ExportInput): Record<string, unknown> {
  const { shape } = model as MaskedAutoencoder;
  const { size, ...views } = preprocessing;
  return {
    ...{ architecture: entry.id, ...shape, norm_pix_loss: mae?.norm_pix_loss ?? null, target: mae?.target ?? null },
    // This is LayerNorm's epsilon, because transformers' default differs.
    ...{ layer_norm_eps: 1e-6, input_size: [3, size, size], ...views },
  };
}

/**
 * Writes, in Markdown, a program that loads the file into transformers' masked autoencoder, where every name and shape
 * has to agree. Its names differ from the authors', and it keeps query, key and value apart.
 */
export function howToLoadMae({ mae }: ExportInput, folder: string, weightsFile: string): string {
  const names = [
    "The file has the names of MAE's authors, with the decoder and both tables of positions; `config.json` says what to build.",
    'The encoder alone, for timm, is the export without `--part all`.',
  ];
  if (mae?.target === 'hog')
    return [
      ...names,
      'The decoder predicts histograms of oriented gradients (MaskFeat), so `decoder_pred` has another width than for pixels.',
    ].join('\n');
  return [
    ...names,
    'With transformers (`pip install transformers safetensors`, version 5 or later), from the parent of this folder:',
    '',
    '```python',
    'import json',
    'from safetensors.torch import load_file',
    'from transformers import ViTMAEConfig, ViTMAEForPreTraining',
    '',
    `folder = ${python(folder)}`,
    "config = json.load(open(folder + '/config.json'))",
    'model = ViTMAEForPreTraining(ViTMAEConfig(',
    "    hidden_size=config['embed_dim'], num_hidden_layers=config['depth'], num_attention_heads=config['num_heads'],",
    "    intermediate_size=config['mlp_ratio'] * config['embed_dim'], decoder_hidden_size=config['decoder_embed_dim'],",
    "    decoder_num_hidden_layers=config['decoder_depth'], decoder_num_attention_heads=config['decoder_num_heads'],",
    "    decoder_intermediate_size=config['mlp_ratio'] * config['decoder_embed_dim'], image_size=config['img_size'],",
    "    patch_size=config['patch_size'], mask_ratio=config['mask_ratio'], norm_pix_loss=config['norm_pix_loss'],",
    "    layer_norm_eps=config['layer_norm_eps']))",
    '',
    'def renamed(name):',
    "    is_decoder = name.startswith('decoder_') or name == 'mask_token'",
    "    for old, new in [('decoder_blocks.', 'decoder_layers.'), ('blocks.', 'layers.'), ('norm1.', 'layernorm_before.'),",
    "                     ('norm2.', 'layernorm_after.'), ('attn.proj.', 'attention.o_proj.')]:",
    '        name = name.replace(old, new)',
    '    if is_decoder:',
    "        return 'decoder.' + name",
    "    for old, new in [('cls_token', 'embeddings.cls_token'), ('pos_embed', 'embeddings.position_embeddings'),",
    "                     ('patch_embed.proj.', 'embeddings.patch_embeddings.projection.')]:",
    '        name = name.replace(old, new)',
    "    return 'vit.layer' + name if name.startswith('norm.') else 'vit.' + name",
    '',
    'state = {}',
    `for name, value in load_file(folder + '/${weightsFile}').items():`,
    "    if 'attn.qkv.' in name:",
    "        for letter, part in zip('qkv', value.chunk(3)):",
    "            state[renamed(name).replace('attn.qkv.', f'attention.{letter}_proj.')] = part",
    '    else:',
    '        state[renamed(name)] = value',
    'model.load_state_dict(state, strict=True)',
    'model.eval()',
    '```',
  ].join('\n');
}
