"""Computes transformers' numbers for masked autoencoders: loss, prediction and every gradient at three sizes, and
twenty steps of AdamW.

    python mae.py cases.json micro.json mae_vit_micro_patch4    # what `npm test` compares with
    python mae.py cases.json small.json mae_vit_small_patch16   # what `npm run test:full` compares with

It needs torch==2.13.0, transformers==5.24 and numpy. Weights, images and the noise that decides the masks come from the
integer hash in reference.py and formula.ts. Each size has the library's positions for its grid. Names and shapes are
those of MAE's authors. transformers keeps q, k and v as separate layers; here they are concatenated.
"""
import json
import os
import sys

import numpy as np
import torch

# reference.py must come first: it declares torchvision's operators where torchvision can't load.
sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'models'))
from reference import MEAN, STD, images_of, rounded, summary, uniform, weight  # noqa: E402
import transformers  # noqa: E402
from transformers import ViTMAEConfig, ViTMAEForPreTraining  # noqa: E402
from transformers.models.vit_mae.modeling_vit_mae import build_2d_sinusoidal_position_embedding  # noqa: E402


def build(case, size):
    encoder, decoder = case['encoder'], case['decoder']
    model = ViTMAEForPreTraining(ViTMAEConfig(
        hidden_size=encoder['dim'], num_hidden_layers=encoder['depth'], num_attention_heads=encoder['heads'], intermediate_size=4 * encoder['dim'],
        decoder_hidden_size=decoder['dim'], decoder_num_hidden_layers=decoder['depth'], decoder_num_attention_heads=decoder['heads'], decoder_intermediate_size=4 * decoder['dim'],
        image_size=size, patch_size=case['patch'], mask_ratio=case['mask_ratio'], norm_pix_loss=case['norm_pix_loss'], layer_norm_eps=1e-6,
    ))
    # Without pretrained weights, the library's model begins with positions of zero.
    side = size // case['patch']
    model.vit.embeddings.position_embeddings.data = positions(side, encoder['dim'])
    model.decoder.decoder_pos_embed.data = positions(side, decoder['dim'])
    return model


def positions(side, dim):
    """Returns the library's table [1, 1 + side^2, dim] with its halves exchanged, as its own initialization does: the
    column comes first."""
    table = build_2d_sinusoidal_position_embedding(height=side, width=side, embed_dim=dim, cls_token=True)
    return torch.cat([table[:, dim // 2 :], table[:, : dim // 2]], 1)[None]


def authors_name(name):
    """Returns the name that MAE's authors use, and which third of a packed parameter this is (None: all of it)."""
    for old, new in [
        ('vit.embeddings.patch_embeddings.projection', 'patch_embed.proj'), ('vit.embeddings.position_embeddings', 'pos_embed'), ('vit.embeddings.', ''),
        ('vit.layernorm', 'norm'), ('vit.encoder.layer.', 'blocks.'), ('vit.layers.', 'blocks.'), ('decoder.decoder_layers.', 'decoder_blocks.'), ('decoder.', ''),
        ('.layernorm_before.', '.norm1.'), ('.layernorm_after.', '.norm2.'), ('.attention.o_proj.', '.attn.proj.'),
    ]:
        name = name.replace(old, new)
    for third, letter in enumerate('qkv'):
        if f'.attention.{letter}_proj.' in name:
            return name.replace(f'.attention.{letter}_proj.', '.attn.qkv.'), third
    return name, None


def grouped(model, value_of):
    """Returns a value for each parameter by the authors' name; packed ones are concatenated."""
    parts = {}
    for name, parameter in model.named_parameters():
        parts.setdefault(authors_name(name)[0], []).append(value_of(parameter))
    return {name: torch.cat(values) if len(values) > 1 else values[0] for name, values in parts.items()}


def fill(model):
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            name, third = authors_name(name)
            if not parameter.requires_grad:
                continue
            shape = list(parameter.shape)
            whole = weight(name, tuple(shape if third is None else [3 * shape[0], *shape[1:]]), {})
            parameter.copy_(whole if third is None else whole.chunk(3)[third])


def at_size(case, model, size):
    """Returns the model with the same weights at another size, with the positions for its grid."""
    side = size // case['patch']
    model.vit.embeddings.position_embeddings.data = positions(side, case['encoder']['dim'])
    model.decoder.decoder_pos_embed.data = positions(side, case['decoder']['dim'])
    model.vit.embeddings.image_size = (size, size)


def batch_of(case, step, size):
    count, length = case['batch'], (size // case['patch']) ** 2
    x = (images_of(f'images/{step % 4}', count, size).astype(np.float32) / np.float32(255) - MEAN) / STD
    x = torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32))
    return x, torch.from_numpy(uniform(f'noise/{step}', count * length).reshape(count, length))


def step_of(case, size):
    model = build(case, size)
    fill(model)
    x, noise = batch_of(case, 0, size)
    out = model(x, noise=noise)
    out.loss.backward()
    model.config.mask_ratio = 0.0
    length = noise.shape[1]
    with torch.no_grad():
        tokens = model.vit(x, noise=torch.arange(length).expand(len(x), length)).last_hidden_state
    return {
        'loss': rounded([out.loss.item()])[0],
        'prediction': summary('prediction', out.logits),
        'gradients': {name: summary(name, value) for name, value in grouped(model, lambda p: p.grad if p.requires_grad else torch.zeros(1)).items() if not name.endswith('pos_embed')},
        'tokens': summary('tokens', tokens),
    }


def train(case):
    run = case['run']
    model = build(case, case['sizes'][0])
    fill(model)
    trained = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    decayed = [p for _, p in trained if p.ndim > 1]
    others = [p for _, p in trained if p.ndim <= 1]
    groups = [{'params': decayed, 'weight_decay': run['weight_decay']}, {'params': others, 'weight_decay': 0}]
    optimizer = torch.optim.AdamW(groups, lr=run['lr'], betas=tuple(run['betas']), eps=run['eps'])
    losses = []
    for step, size in enumerate(size for stage in run['stages'] for size in [stage['size']] * stage['steps']):
        at_size(case, model, size)
        x, noise = batch_of(case, step, size)
        loss = model(x, noise=noise).loss
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    parameters = grouped(model, lambda p: p)
    return {'losses': rounded(losses), 'parameters': {name: summary(name, value) for name, value in parameters.items() if not name.endswith('pos_embed')}}


def main():
    with open(sys.argv[1]) as file:
        case = next(each for each in json.load(file) if each['id'] == sys.argv[3])
    torch.set_num_threads(2)
    shapes = {name: list(value.shape) for name, value in grouped(build(case, case['sizes'][0]), lambda p: p).items()}
    results = {
        'versions': {'torch': torch.__version__.split('+')[0], 'transformers': transformers.__version__, 'numpy': np.__version__},
        'shapes': shapes,
        **{str(size): step_of(case, size) for size in case['sizes']},
        'run': train(case),
    }
    with open(sys.argv[2], 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(key)}: {json.dumps(value, separators=(",", ":"))}' for key, value in results.items()) + '\n}\n')


main()
