"""Writes small weights files by PyTorch itself and their contents, with safetensors' names of dtypes, for
test/engine/weights/pytorch.test.ts.

    python make.py .

It needs torch==2.13.0 and numpy. The files of this folder are data: our program never unpickles them.
"""
import argparse
import collections
import json
import os
import sys
from pathlib import Path

import numpy as np
import torch

DTYPES = {
    'f64': torch.float64, 'f32': torch.float32, 'f16': torch.float16, 'bf16': torch.bfloat16, 'i64': torch.int64,
    'i32': torch.int32, 'i16': torch.int16, 'i8': torch.int8, 'u8': torch.uint8, 'bool': torch.bool,
}


def numbers(tensor):
    return {'shape': list(tensor.shape), 'values': [float(value) for value in tensor.detach().double().reshape(-1)]}


def typed():
    """Every dtype has numbers that it rounds differently from all others."""
    base = torch.tensor([0.0, 1.0, -2.5, 3.1415926535, 100.0, -0.001])
    return {name: (base > 0) if name == 'bool' else base.abs().to(dtype) if name == 'u8' else base.to(dtype) for name, dtype in DTYPES.items()}


def views():
    """These are views of one storage, and other tensors that are not contiguous."""
    whole = torch.arange(24.0).reshape(2, 3, 4)
    return {
        'whole': whole,
        'transposed': whole.permute(2, 0, 1),
        'part': whole[:, 1:, ::2],
        'shared': whole[1],
        'repeated': torch.tensor([5.0]).expand(3, 2),
        'scalar': torch.tensor(7.0),
        'empty': torch.zeros(0, 4),
    }


def module():
    torch.manual_seed(0)
    return torch.nn.Sequential(torch.nn.Conv2d(2, 3, 3), torch.nn.BatchNorm2d(3), torch.nn.Flatten(), torch.nn.Linear(3, 2))


def checkpoint():
    """The file of a training program: weights, averaged weights, an optimizer, and settings of several kinds."""
    model = module()
    optimizer = torch.optim.AdamW(model.parameters(), lr=1e-3)
    model(torch.ones(2, 2, 3, 3)).sum().backward()
    optimizer.step()
    averaged = {name: value + 1 for name, value in model.state_dict().items()}
    return {
        'epoch': 3,
        'best': np.float64(0.5),
        'args': argparse.Namespace(lr=0.1, data=Path('/data'), device=torch.device('cpu'), sizes=(1, 2), name='é', dtype=torch.float32),
        'history': collections.Counter(a=2),
        'big': 2**70,
        'model': model.state_dict(),
        'model_ema': averaged,
        'other': {'nested': collections.OrderedDict(model.state_dict())},
        'optimizer': optimizer.state_dict(),
    }


def main():
    folder = sys.argv[1]
    expected = {}

    def save(name, value, state, **options):
        torch.save(value, os.path.join(folder, name), **options)
        expected[name] = {key: numbers(tensor) for key, tensor in state.items()}

    legacy = {'_use_new_zipfile_serialization': False}
    for suffix, options in (('', {}), ('-legacy', legacy), ('-protocol4', {'pickle_protocol': 4}), ('-legacy4', {**legacy, 'pickle_protocol': 4})):
        save(f'typed{suffix}.pth', typed(), typed(), **options)
    for suffix, options in (('', {}), ('-legacy', legacy)):
        save(f'views{suffix}.pt', views(), views(), **options)
        state = checkpoint()
        save(f'checkpoint{suffix}.pth.tar', state, state['model_ema'], **options)
        save(f'parameters{suffix}.bin', dict(module().named_parameters()), dict(module().named_parameters()), **options)
    with open(os.path.join(folder, 'expected.json'), 'w') as file:
        file.write('{\n' + ',\n'.join(f'{json.dumps(name)}: {json.dumps(value, separators=(",", ":"))}' for name, value in expected.items()) + '\n}\n')


main()
