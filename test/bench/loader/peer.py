"""Runs timm's side of the loader bench: python peer.py CASE

CASE is JSON: files ([path, label]), bandwidth, size, magnitude, batch, workers, ahead, threads. Lines in: {"batches":
n, "ahead": n}; out: {"seconds", "images"}. timm's transforms run in torch's DataLoader. Low-frequency crop,
normalisation, erasing and Mixup follow in the main process, as in `npm run results`.
"""
import json
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'results'))
from peer import Samples, batches, crop_matrix, low_frequency_crop  # noqa: E402

from timm.data import Mixup, create_transform  # noqa: E402
from timm.data.random_erasing import RandomErasing  # noqa: E402


def main():
    with open(sys.argv[1]) as file:
        case = json.load(file)
    torch.manual_seed(0)
    np.random.seed(0)
    torch.set_num_threads(case['threads'])
    size, bandwidth = case['size'], case['bandwidth']
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    transform = create_transform(
        size, is_training=True, use_prefetcher=True, scale=(0.08, 1.0), ratio=(3 / 4, 4 / 3), hflip=0.5, color_jitter=0.4, interpolation='bicubic',
        auto_augment=f"rand-m{case['magnitude']:g}-n2-mstd0.5-inc1", mean=mean,
    )
    order = batches(len(case['files']), [{'steps': 100_000, 'batch': case['batch']}], 0)
    loader = torch.utils.data.DataLoader(
        Samples(case['files'], [transform]), batch_sampler=order, num_workers=case['workers'], persistent_workers=True, prefetch_factor=case['ahead'] // case['workers'],
    )
    erase = RandomErasing(0.25, mode='pixel', max_count=1, num_splits=0, device='cpu')
    mixup = Mixup(0.8, 1.0, prob=1.0, switch_prob=0.5, label_smoothing=0.1, num_classes=10)
    matrix = crop_matrix(size, bandwidth) if bandwidth != size else None
    shift, scale = (torch.tensor(value).view(1, 3, 1, 1) for value in (mean, std))
    source = iter(loader)

    def one():
        images, labels = next(source)
        x = images.float() / 255
        if matrix is not None:
            x = low_frequency_crop(x, matrix)
        x, _ = mixup(erase((x - shift) / scale), labels % 10)
        return x.mean().item()

    for line in sys.stdin:
        request = json.loads(line)
        count = request['batches']
        for _ in range(request['ahead']):  # They were made during the other side's turn.
            one()
        begin = time.perf_counter()
        for _ in range(count):
            one()
        print(json.dumps({'seconds': time.perf_counter() - begin, 'images': count * case['batch']}), flush=True)


if __name__ == '__main__':
    main()
