"""Trains the same recipe in PyTorch + timm, as a peer for `npm run results`.

    python peer.py job.json out.json

results.ts writes the job: the frozen configuration, the learning rate of every step, the stages with their steps, the
steps that an evaluation follows, the files of both splits, and the seed. Augmentation, mixup, random erasing and the
optimizer's parameter groups are timm's own. Only the low-frequency crop is ours, in PyTorch (low_frequency_crop.py).
Nothing of our engine is used. It needs torch==2.13.0, timm, numpy and pillow, also safetensors for `init`, and
transformers for a case of PVT.
"""
import importlib
import json
import os
import sys
import time

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import posterize_no_bits  # noqa: E402,F401
import without_torchvision  # noqa: E402,F401
from low_frequency_crop import crop_matrix, low_frequency_crop  # noqa: E402
import timm  # noqa: E402
from PIL import Image  # noqa: E402
from timm.data import Mixup, create_transform  # noqa: E402
from timm.data.random_erasing import RandomErasing  # noqa: E402
from timm.loss import SoftTargetCrossEntropy  # noqa: E402
from timm.utils import ModelEmaV2  # noqa: E402


class Samples(torch.utils.data.Dataset):
    """Maps an item (index, stage) to uint8 [3, size, size] and its label. Each stage has its own RandAugment magnitude.
    """

    def __init__(self, files, transforms):
        self.files, self.transforms = files, transforms

    def __getitem__(self, key):
        index, stage = key
        path, label = self.files[index]
        with Image.open(path) as image:
            pixels = self.transforms[stage](image.convert('RGB'))
        return torch.as_tensor(np.ascontiguousarray(pixels)), label


def batches(count, stages, seed):
    """Cuts batches from one endless stream of seeded permutations. A stage border restarts nothing."""
    rng = np.random.default_rng(seed)
    stream = []
    for number, stage in enumerate(stages):
        for _ in range(stage['steps']):
            while len(stream) < stage['batch']:
                stream.extend(rng.permutation(count).tolist())
            yield [(index, number) for index in stream[: stage['batch']]]
            del stream[: stage['batch']]


def evaluate(models, loader, mean, std):
    """Returns the top-1 accuracy of each model, in one pass over the images."""
    correct, total = [0] * len(models), 0
    for model in models:
        model.eval()
    with torch.no_grad():
        for images, labels in loader:
            x = (images.float() / 255 - mean) / std
            for at, model in enumerate(models):
                correct[at] += (model(x).argmax(1) == labels).sum().item()
            total += len(labels)
    models[0].train()
    return [hits / total for hits in correct]


def parameter_groups(model, decay):
    skipped = model.no_weight_decay() if hasattr(model, 'no_weight_decay') else set()
    named = [(name, p) for name, p in model.named_parameters() if p.requires_grad]
    plain = [p for name, p in named if p.ndim <= 1 or name.endswith('.bias') or name in skipped]
    ids = {id(p) for p in plain}
    return [{'params': [p for _, p in named if id(p) not in ids], 'weight_decay': decay}, {'params': plain, 'weight_decay': 0.0}]


def network(job):
    """Builds the job's network, and says whether it is convolutional, because such networks are fastest with channels
    last. A job with a case has the parity tests' network, which takes images of every stage's size. Any other job has
    timm's network of that name."""
    config, size = job['config'], job['config']['size']
    options = {'num_classes': job['classes'], 'drop_path_rate': config['model_args']['drop_path_rate'], 'drop_rate': config['model_args']['drop_rate']}
    if job.get('case'):
        sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'golden', 'models'))
        family = importlib.import_module(f"families.{job['case']['family'].replace('-', '_')}")
        return family.build({**job['case'], 'options': {**options, 'img_size': size}}), family.CHANNELS_FIRST
    kwargs = {**job['timm']['kwargs'], **options}
    if 'deit' in job['timm']['name']:
        kwargs.update(img_size=size, dynamic_img_size=True)  # position embeddings are resampled for every stage
    model = timm.create_model(job['timm']['name'], **kwargs)
    return model, not hasattr(model, 'patch_embed')


def main():
    with open(sys.argv[1]) as file:
        job = json.load(file)
    config, stages, seed, classes = job['config'], job['stages'], job['config']['seed'], job['classes']
    data, optimizer_config, size = config['data'], config['optimizer'], config['size']
    torch.manual_seed(seed)
    np.random.seed(seed)
    torch.set_num_threads(job['threads'])
    torch.set_float32_matmul_precision('highest')

    started = time.time()
    model, channels_last = network(job)
    if channels_last:
        model = model.to(memory_format=torch.channels_last)

    def train_transform(magnitude):
        return create_transform(
            size, is_training=True, use_prefetcher=True, scale=tuple(data['scale']), ratio=tuple(data['ratio']), hflip=data['hflip'],
            color_jitter=data['color_jitter'] or None, interpolation=data['interpolation'], mean=data['mean'],
            auto_augment=f"rand-m{magnitude:g}-n{data['randaug_num_ops']}-mstd{data['randaug_mstd']}-inc1" if data['auto_augment'] == 'randaug' else None,
        )

    samples = Samples(job['train'], [train_transform(stage['magnitude']) for stage in stages])
    workers = {'num_workers': job['workers'], 'persistent_workers': job['workers'] > 0}
    loader = torch.utils.data.DataLoader(samples, batch_sampler=list(batches(len(job['train']), stages, seed)), **workers)
    test_transform = create_transform(size, is_training=False, use_prefetcher=True, interpolation=data['interpolation'], crop_pct=data['crop_pct'], mean=data['mean'])
    test_samples = Samples([(path, label) for path, label in job['val']], [test_transform])
    test_batches = [[(i, 0) for i in range(at, min(at + 64, len(job['val'])))] for at in range(0, len(job['val']), 64)]
    test_loader = torch.utils.data.DataLoader(test_samples, batch_sampler=test_batches, **workers)

    mean, std = (torch.tensor(data[key]).view(1, 3, 1, 1) for key in ('mean', 'std'))
    matrices = {stage['bandwidth']: crop_matrix(size, stage['bandwidth']) for stage in stages if stage['bandwidth'] != size}
    erase = RandomErasing(data['reprob'], mode=data['remode'], max_count=1, num_splits=0, device='cpu')
    mixing = data['mixup'] > 0 or data['cutmix'] > 0
    mixup = Mixup(data['mixup'], data['cutmix'], prob=data['mixup_prob'], switch_prob=data['mixup_switch_prob'], label_smoothing=data['label_smoothing'], num_classes=classes) if mixing else None
    soft, hard = SoftTargetCrossEntropy(), torch.nn.CrossEntropyLoss(label_smoothing=data['label_smoothing'])
    groups = parameter_groups(model, optimizer_config['weight_decay'])
    if optimizer_config['name'] == 'adamw':
        optimizer = torch.optim.AdamW(groups, lr=1.0, betas=tuple(optimizer_config['betas']), eps=optimizer_config['eps'])
    elif optimizer_config['name'] == 'sgd':
        optimizer = torch.optim.SGD(groups, lr=1.0, momentum=optimizer_config['momentum'], nesterov=optimizer_config['nesterov'])
    else:
        raise ValueError(f"the peer trains with adamw or sgd, not with {optimizer_config['name']}")
    ema = ModelEmaV2(model, decay=config['ema']['decay']) if config['ema']['decay'] else None

    model.train()
    compute = 0.0
    losses, accuracies, evaluation = [], [], 0.0
    models = [model] if ema is None else [model, ema.module]
    for (images, labels), rate in zip(loader, job['learning_rates']):
        begin = time.time()
        stage_bandwidth = next(s['bandwidth'] for s in stages if s['firstStep'] <= len(losses) < s['firstStep'] + s['steps'])
        x = images.float() / 255
        if stage_bandwidth != size:
            x = low_frequency_crop(x, matrices[stage_bandwidth])
        x = erase((x - mean) / std)
        targets = labels
        if mixup is not None:
            x, targets = mixup(x, labels)
        if channels_last:
            x = x.contiguous(memory_format=torch.channels_last)
        loss = (soft if mixup is not None else hard)(model(x), targets)
        optimizer.zero_grad()
        loss.backward()
        if optimizer_config['clip_grad_norm']:
            torch.nn.utils.clip_grad_norm_(model.parameters(), optimizer_config['clip_grad_norm'])
        for group in optimizer.param_groups:
            group['lr'] = rate
        optimizer.step()
        if ema is not None:
            ema.update(model)
        losses.append(loss.item())
        compute += time.time() - begin
        if len(losses) in job['evaluate_after']:
            begin = time.time()
            accuracies = evaluate(models, test_loader, mean, std)
            evaluation += time.time() - begin
    wall = time.time() - started
    result = {'val_top1': accuracies[0], 'train_seconds': wall - evaluation, 'compute_seconds': compute, 'wall_seconds': wall,
              'losses': losses, 'versions': {'torch': torch.__version__, 'timm': timm.__version__}}
    if ema is not None:
        result['val_top1_ema'] = accuracies[1]
    with open(sys.argv[2], 'w') as file:
        json.dump(result, file)


if __name__ == '__main__':
    main()
