"""Writes weight files and what PyTorch and timm compute from them, for test/engine/weights.

    python make.py OUT_FOLDER

It needs torch==2.13.0, timm, numpy and safetensors. It writes four files. dtypes.safetensors has one tensor of every
stored type. layers.safetensors has the weights of one layer of every layout, in PyTorch's layout, with an input and
PyTorch's output (images are N x H x W x C). pos_embed.safetensors has position embeddings and timm's resampling of
them. expected.json has the values of dtypes.safetensors.
"""
import json
import sys
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from safetensors.torch import save_file

sys.path.insert(0, str(Path(__file__).parents[2] / 'support'))
import without_torchvision  # noqa: E402, F401
from timm.layers import resample_abs_pos_embed  # noqa: E402

generator = np.random.default_rng(20240521)


def draw(*shape):
    return torch.from_numpy(generator.standard_normal(shape).astype(np.float32))


def nhwc(x):
    return x.permute(0, 2, 3, 1).contiguous()


def dtypes():
    values = torch.tensor([[0.0, -0.0, 1.0, -2.5], [3.1415927, 6.1e-5, -5.96e-8, 65504.0]])
    whole = torch.tensor([0, 1, -7, 2147483647], dtype=torch.int32)
    return {
        'f64': values.double(),
        'f32': values,
        'f16': values.half(),
        'bf16': values.bfloat16(),
        'f16_special': torch.tensor([float('inf'), -float('inf'), float('nan'), 2.0 ** -24, 2.0 ** -14]).half(),
        'i64': whole.long() * 2,
        'i32': whole,
        'u8': torch.tensor([0, 1, 128, 255], dtype=torch.uint8),
        'bool': torch.tensor([True, False, True]),
        'scalar': torch.tensor(12345, dtype=torch.int64),
        'empty': torch.zeros(0, 3),
    }


def layers():
    tensors = {}
    x, weight = draw(3, 5), draw(4, 5)
    tensors |= {'linear.weight': weight, 'linear.input': x, 'linear.output': F.linear(x, weight)}
    x, weight = draw(2, 3, 7, 6), draw(4, 3, 3, 2)
    tensors |= {'conv.weight': weight, 'conv.input': nhwc(x), 'conv.output': nhwc(F.conv2d(x, weight))}
    x, weight = draw(2, 3, 8, 8), draw(5, 3, 4, 4)
    tensors |= {'patch.weight': weight, 'patch.input': nhwc(x), 'patch.output': nhwc(F.conv2d(x, weight, stride=4))}
    x, weight = draw(2, 4, 6, 7), draw(8, 1, 3, 2)
    tensors |= {'depthwise.weight': weight, 'depthwise.input': nhwc(x), 'depthwise.output': nhwc(F.conv2d(x, weight, groups=4))}
    return tensors


def position_embeddings():
    tensors = {}
    for old, new in ((4, 6), (6, 4), (7, 3), (8, 8)):
        stored = draw(1, 1 + old * old, 5)
        tensors[f'{old}_{new}.stored'] = stored
        tensors[f'{old}_{new}.resampled'] = resample_abs_pos_embed(stored, [new, new], [old, old], num_prefix_tokens=1).clone()
    return tensors


if __name__ == '__main__':
    out = Path(sys.argv[1])
    stored = dtypes()
    save_file(stored, out / 'dtypes.safetensors', metadata={'format': 'pt', 'note': 'every stored type'})
    save_file({name: tensor.contiguous() for name, tensor in layers().items()}, out / 'layers.safetensors')
    save_file({name: tensor.contiguous() for name, tensor in position_embeddings().items()}, out / 'pos_embed.safetensors')
    # JSON has no infinities, so they are stored as text.
    expected = {name: {'shape': list(tensor.shape), 'values': [str(value) for value in tensor.double().flatten().tolist()]} for name, tensor in stored.items()}
    (out / 'expected.json').write_text(json.dumps(expected, indent=1) + '\n')
