"""Trains a timm model in PyTorch on given batches from given weights.

    python follow.py FOLDER

FOLDER holds job.json (model, sizes, recipe, one entry a step), initial.safetensors in timm's names, and batches.bin.
The last has for each step uint8 images [N, S, S, 3], int32 labels [N], int32 erase [N, 4] and a float32 mix mask [B,
B]. The losses are printed as JSON. It needs torch==2.13.0, timm, numpy and safetensors.
"""
import json
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import without_torchvision  # noqa: E402,F401
import timm  # noqa: E402
from safetensors.torch import load_file  # noqa: E402


def low_frequency_crop(images, bandwidth):
    """Crops the images' low frequencies by numpy's FFT: [N, S, S, 3] float64 -> [N, B, B, 3]."""
    size = images.shape[1]
    if bandwidth == size:
        return images
    spectrum = np.fft.fftshift(np.fft.fft2(images, axes=(1, 2)), axes=(1, 2))
    start = size // 2 - bandwidth // 2
    cut = np.fft.ifftshift(spectrum[:, start:start + bandwidth, start:start + bandwidth], axes=(1, 2))
    return np.fft.ifft2(cut, axes=(1, 2)).real * (bandwidth / size) ** 2


def main():
    folder = sys.argv[1]
    with open(os.path.join(folder, 'job.json')) as file:
        job = json.load(file)
    torch.set_num_threads(job['threads'])
    model = timm.create_model(job['timm']['name'], **job['timm']['kwargs'])
    model.load_state_dict(load_file(os.path.join(folder, 'initial.safetensors')), strict=True)
    model.train()
    decayed = [p for p in model.parameters() if p.ndim > 1 and p.shape[0] != 1]
    plain = [p for p in model.parameters() if not (p.ndim > 1 and p.shape[0] != 1)]
    groups = [{'params': decayed, 'weight_decay': job['weight_decay']}, {'params': plain, 'weight_decay': 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1.0, betas=tuple(job['betas']), eps=job['eps'])
    mean, std = np.array(job['mean']), np.array(job['std'])
    losses = []
    with open(os.path.join(folder, 'batches.bin'), 'rb') as data:
        def take(dtype, *shape):
            return np.frombuffer(data.read(int(np.prod(shape)) * np.dtype(dtype).itemsize), dtype).reshape(shape)

        for step in job['steps']:
            count, size, bandwidth, lam = step['batch'], job['size'], step['bandwidth'], step['lam']
            images, labels = take(np.uint8, count, size, size, 3), torch.from_numpy(take(np.int32, count).astype(np.int64))
            erase, mask = take(np.int32, count, 4), take(np.float32, bandwidth, bandwidth)[None, :, :, None].astype(np.float64)
            x = (low_frequency_crop(images / 255.0, bandwidth) - mean) / std
            for row, (top, left, height, width) in enumerate(erase):
                x[row, top:top + height, left:left + width] = 0
            x = x * mask + x[::-1] * (1 - mask)
            hot = torch.nn.functional.one_hot(labels, job['classes']).double() * (1 - job['smoothing']) + job['smoothing'] / job['classes']
            targets = (hot * lam + hot.flip(0) * (1 - lam)).float()
            logits = model(torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32)))
            loss = -(targets * torch.log_softmax(logits, 1)).sum(1).mean()
            optimizer.zero_grad()
            loss.backward()
            if job['clip']:
                torch.nn.utils.clip_grad_norm_(model.parameters(), job['clip'])
            for group in optimizer.param_groups:
                group['lr'] = step['lr']
            optimizer.step()
            losses.append(loss.item())
    print(json.dumps(losses))


if __name__ == '__main__':
    main()
