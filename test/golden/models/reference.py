"""Computes the numbers of PyTorch and timm for the models, step by step.

    python reference.py cases/vit.json golden/vit.json    # what `npm test` compares with
    python reference.py cases.json golden.json --arrays F # what `npm run test:full` uses

With --arrays it also writes every gradient and buffer whole, as F/<case>.f32. It needs torch==2.13.0, timm and numpy.
Weights, images, labels and masks come from one integer hash, which formula.ts has too, so that only results are stored.
The low-frequency crop is numpy's FFT. Mixing, erasing, schedule and masks are given; optimizer, clipping, EMA and
parameter groups are those of PyTorch and timm.
"""
import hashlib
import importlib
import json
import os
import sys

import numpy as np
import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import without_torchvision  # noqa: E402, F401
import timm  # noqa: E402
from timm.layers import DropPath  # noqa: E402
from timm.loss import SoftTargetCrossEntropy  # noqa: E402
from timm.optim import param_groups_weight_decay  # noqa: E402
from timm.utils import ModelEmaV2  # noqa: E402
from torch.utils.flop_counter import FlopCounterMode  # noqa: E402

SAMPLES = 8
PROJECTIONS = 2
# Number of steps among which the step of the gradients is chosen.
CANDIDATES = 30
MEAN, STD = np.float32([0.485, 0.456, 0.406]), np.float32([0.229, 0.224, 0.225])


# --- the formula ---

def mix(x):
    """Applies the hash lowbias32 (C. Wellons, public domain) to uint32 arrays."""
    with np.errstate(over='ignore'):
        x = x ^ (x >> np.uint32(16))
        x = x * np.uint32(0x7FEB352D)
        x = x ^ (x >> np.uint32(15))
        x = x * np.uint32(0x846CA68B)
        return x ^ (x >> np.uint32(16))


def hashed(key, count):
    """Returns uint32 [count] as a function of the text."""
    value = 0x811C9DC5
    for letter in key.encode():
        value = ((value ^ letter) * 0x01000193) & 0xFFFFFFFF
    start = mix(np.array([value], np.uint32))
    with np.errstate(over='ignore'):
        return mix(start + np.arange(count, dtype=np.uint32) * np.uint32(0x9E3779B9))


def uniform(key, count):
    """Returns float64 [count] in [-1, 1), exact in float32."""
    return (hashed(key, count) >> np.uint32(8)) / 2.0**23 - 1


def weight(name, shape, opened):
    """Returns the value of a parameter or buffer in timm's layout. `opened` gives weight and bias of norms whose ReLU
    should pass nearly everything. Among millions of inputs of a ReLU some are so near zero that rounding decides, and
    one of them changes a bias's gradient by a thousandth."""
    u = uniform(name, int(np.prod(shape)))
    given = next((values for norm, values in opened.items() if name in (f'{norm}.weight', f'{norm}.bias') or name.endswith((f'.{norm}.weight', f'.{norm}.bias'))), None)
    if given:
        value = given['weight'] * (1 + 0.25 * u) if name.endswith('weight') else given['bias'] + 0.1 * u
    elif name.startswith('layer') and name.endswith(('.bn2.weight', '.bn3.weight')):
        value = 0.3 + 0.1 * u
    elif name.endswith('.gamma'):
        value = 0.3 + 0.1 * u
    elif name.endswith(('running_var', '.scale')) or (name.endswith('weight') and len(shape) == 1):
        value = 1 + 0.25 * u
    elif len(shape) == 1:
        value = 0.1 * u
    elif name in ('cls_token', 'pos_embed'):
        value = 0.2 * u
    else:
        value = u * np.sqrt(6 / np.prod(shape[1:]))
    return torch.from_numpy(value.astype(np.float32).reshape(shape))


# --- the model ---

def build(case):
    """Builds the network of the case's family (families/<family>.py). It takes images of all the case's sizes."""
    return family_of(case).build(case)


def family_of(case):
    return importlib.import_module(f"families.{case['family'].replace('-', '_')}")


def fill(case, model):
    opened = case.get('opened', {})
    model.load_state_dict({name: value if name.endswith('num_batches_tracked') else weight(name, tuple(value.shape), opened) for name, value in model.state_dict().items()})


class Masks:
    """Replaces timm's random masks by given ones, in the order in which a forward pass uses them."""

    def __init__(self, model):
        self.rates = [module.drop_prob for module in model.modules() if isinstance(module, DropPath)]
        self.keep = self.dropout = None
        self.column = 0

        def drop_path(module, x):
            if not module.training:
                return x
            mask = self.keep[:, self.column].reshape(-1, *[1] * (x.ndim - 1))
            self.column += 1
            return x * mask

        def dropout(x, p=0.5, training=True, inplace=False):
            return x * self.dropout if training and p > 0 else x

        DropPath.forward = drop_path
        torch.nn.functional.dropout = dropout

    def set(self, keep, dropout):
        self.keep, self.dropout, self.column = keep, dropout, 0


# --- a step's inputs ---

def crop(image, bandwidth):
    """Crops float [H, W, C] -> [B, B, C]: keeps the central frequencies of numpy's FFT, and the mean."""
    h, w = image.shape[:2]
    if h == bandwidth and w == bandwidth:
        return image
    spectrum = np.fft.fftshift(np.fft.fft2(image.astype(np.float64), axes=(0, 1)), axes=(0, 1))
    top, left = h // 2 - bandwidth // 2, w // 2 - bandwidth // 2
    kept = np.fft.ifftshift(spectrum[top : top + bandwidth, left : left + bandwidth], axes=(0, 1))
    return (np.fft.ifft2(kept, axes=(0, 1)).real * bandwidth * bandwidth / (h * w)).astype(image.dtype)


def images_of(key, batch, size):
    return (hashed(key, batch * size * size * 3) & np.uint32(255)).astype(np.uint8).reshape(batch, size, size, 3)


def mask_of(key, rows, rates):
    """Returns a mask: 0 with the column's rate, and 1 / (1 - rate) otherwise."""
    u = (uniform(key, rows * len(rates)).reshape(rows, len(rates)) + 1) / 2
    rates = np.array(rates)
    return torch.from_numpy(np.where(u < rates, 0, 1 / (1 - rates)).astype(np.float32))


def mixing(step, bandwidth):
    """Returns (lam, mask [B, B]). Steps alternate between no mixing, mixup and cutmix."""
    kind = step % 3
    if kind == 0:
        return 1.0, np.ones((bandwidth, bandwidth), np.float32)
    lam = (uniform(f'lam/{step}', 1)[0] + 1) / 2
    if kind == 1:
        return lam, np.full((bandwidth, bandwidth), lam, np.float32)
    top, left = (hashed(f'box/{step}', 2) % np.uint32(bandwidth // 2)).tolist()
    side = bandwidth // 3
    mask = np.ones((bandwidth, bandwidth), np.float32)
    mask[top : top + side, left : left + side] = 0
    return float(mask.mean(dtype=np.float64)), mask


def step_batch(case, step, bandwidth):
    options, batch, size = case['options'], case['batch'], case['size']
    pixels = images_of(f'images/{step % 4}', batch, size).astype(np.float32) / np.float32(255)
    x = np.stack([crop(image, bandwidth) for image in pixels])
    x = ((x - MEAN) / STD).astype(np.float32)
    rectangles = (hashed(f'erase/{step}', batch * 4) % np.uint32(bandwidth // 2)).reshape(batch, 4).astype(int)
    for n, (top, left, height, width) in enumerate(rectangles):
        x[n, top : top + height, left : left + width] = 0
    labels = torch.from_numpy((hashed(f'labels/{step % 4}', batch) % np.uint32(options['num_classes'])).astype(np.int64))
    lam, mask = mixing(step, bandwidth)
    x = x * mask[None, :, :, None] + x[::-1] * (1 - mask)[None, :, :, None]
    off = case['smoothing'] / options['num_classes']
    own = torch.full((batch, options['num_classes']), off).scatter_(1, labels[:, None], 1 - case['smoothing'] + off)
    targets = own * lam + own.flip(0) * (1 - lam)
    return torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32)), targets


def loss_of(case, model, masks, step, bandwidth):
    x, targets = step_batch(case, step, bandwidth)
    rates = [case['options']['drop_rate']] * getattr(model, 'dropout_width', model.num_features)
    masks.set(mask_of(f'keep/{step}', case['batch'], masks.rates) if masks.rates else None, mask_of(f'dropout/{step}', case['batch'], rates))
    return SoftTargetCrossEntropy()(model(x), targets)


# --- results ---

def rounded(values):
    return [float(f'{value:.9g}') for value in np.asarray(values, np.float64).ravel().tolist()]


def summary(name, values):
    """Returns the norm, some elements and some random projections of a tensor in timm's layout."""
    flat = values.detach().numpy().astype(np.float64).ravel()
    at = hashed(f'{name}/sample', SAMPLES) % np.uint32(len(flat))
    projections = [float(flat @ uniform(f'{name}/projection/{k}', len(flat))) for k in range(PROJECTIONS)]
    return {'norm': rounded([np.linalg.norm(flat)])[0], 'sample': rounded(flat[at]), 'projections': rounded(projections)}


def forward(case, model, size):
    model.eval()
    x = (images_of('forward', case['batch'], size).astype(np.float32) / np.float32(255) - MEAN) / STD
    with torch.no_grad():
        return model(torch.from_numpy(np.ascontiguousarray(x.transpose(0, 3, 1, 2)).astype(np.float32)))


def margin(case, model, masks, step):
    """Returns the smallest magnitude of a ReLU's input in a training step's forward pass."""
    nearest = []
    hooks = [
        module.register_forward_pre_hook(lambda _, inputs: nearest.append(inputs[0].abs().min().item()))
        for module in model.modules()
        if isinstance(module, torch.nn.ReLU)
    ]
    fill(case, model)
    model.train()
    with torch.no_grad():
        loss_of(case, model, masks, step, case['stages'][0]['bandwidth'])
    for hook in hooks:
        hook.remove()
    return min(nearest)


def gradients(case, model, masks, arrays):
    """Computes one training step's loss, gradients and running statistics at the first stage's bandwidth. Of the steps
    with mixup it takes the one whose ReLU inputs are farthest from zero, and the first where there is no ReLU. Where
    rounding decides an input's sign, PyTorch's gradient and ours differ by the whole of it."""
    candidates = range(1, CANDIDATES, 3)
    if any(isinstance(module, torch.nn.ReLU) for module in model.modules()):
        step = max(candidates, key=lambda candidate: margin(case, model, masks, candidate))
    else:
        step = candidates[0]
    fill(case, model)
    model.train()
    model.zero_grad()
    loss = loss_of(case, model, masks, step, case['stages'][0]['bandwidth'])
    loss.backward()
    named = {name: parameter.grad for name, parameter in model.named_parameters()}
    # Buffers that a checkpoint does not hold, such as Swin's masks, are not part of the model's state.
    kept = model.state_dict().keys()
    buffers = {name: buffer for name, buffer in model.named_buffers() if buffer.dtype == torch.float32 and name in kept}
    if arrays:
        whole = [value.detach().numpy().ravel() for value in [*named.values(), *buffers.values()]]
        np.concatenate(whole).astype('<f4').tofile(os.path.join(arrays, f"{case['id']}.f32"))
    return {
        'step': step,
        'loss': rounded([loss.item()])[0],
        'parameters': {name: summary(name, value) for name, value in named.items()},
        'buffers': {name: summary(name, value) for name, value in buffers.items()},
    }


def optimizer_of(config, model):
    skipped = model.no_weight_decay() if hasattr(model, 'no_weight_decay') else ()
    groups = param_groups_weight_decay(model, config['weight_decay'], no_weight_decay_list=skipped)
    if config['name'] == 'adamw':
        return torch.optim.AdamW(groups, lr=1.0, betas=tuple(config['betas']), eps=config['eps'])
    return torch.optim.SGD(groups, lr=1.0, momentum=config['momentum'], nesterov=config['nesterov'])


def train(case, model, masks, run):
    fill(case, model)
    optimizer, ema = optimizer_of(run['optimizer'], model), ModelEmaV2(model, decay=run['ema_decay'])
    bandwidths = [stage['bandwidth'] for stage in case['stages'] for _ in range(stage['steps'])]
    losses, norms = [], []
    for step, (bandwidth, lr) in enumerate(zip(bandwidths, run['lrs'], strict=True)):
        model.train()
        loss = loss_of(case, model, masks, step, bandwidth)
        optimizer.zero_grad()
        loss.backward()
        norms.append(torch.nn.utils.clip_grad_norm_(model.parameters(), run['clip']).item())
        for group in optimizer.param_groups:
            group['lr'] = lr
        optimizer.step()
        ema.update(model)
        losses.append(loss.item())
    return {
        'losses': rounded(losses),
        'norms': rounded(norms),
        'raw': rounded(forward(case, model, case['size'])),
        'ema': rounded(forward(case, ema.module, case['size'])),
    }


def statistics(model):
    """Describes timm's initial values: every key of the state_dict in order, with the moments of its values."""
    result = []
    for name, value in model.state_dict().items():
        if name.endswith('num_batches_tracked'):
            continue
        flat = value.numpy().astype(np.float64).ravel()
        # torch's truncated normal draws an infinity once in 16 million draws. It is clipped to the bound of 2, which is
        # a hundred standard deviations.
        flat = flat[np.abs(flat) < 2]
        deviation = flat.std()
        kurtosis = ((flat - flat.mean()) ** 4).mean() / deviation**4 if deviation > 0 else 0
        result.append([name, list(value.shape), *rounded([flat.mean(), deviation, kurtosis])])
    return result


def digest(model):
    """Returns the SHA-256 of every key of the state_dict and its shape, in order. Large variants have it in place of
    statistics, because a small one has the same parts."""
    keys = [[name, list(value.shape)] for name, value in model.state_dict().items() if not name.endswith('num_batches_tracked')]
    return hashlib.sha256(json.dumps(keys, separators=(',', ':')).encode()).hexdigest()


def macs(case, size):
    """Counts the multiply-adds of one image with 1000 classes, by PyTorch's counter."""
    model = build({**case, 'options': {**case['options'], 'num_classes': 1000, 'drop_path_rate': 0, 'drop_rate': 0}}).eval()
    for module in model.modules():
        if hasattr(module, 'fused_attn'):
            module.fused_attn = False
    with FlopCounterMode(display=False) as counter, torch.no_grad():
        model(torch.zeros(1, 3, size, size))
    return counter.get_total_flops() // 2


def main():
    with open(sys.argv[1]) as file:
        cases = json.load(file)
    arrays = sys.argv[4] if len(sys.argv) > 4 and sys.argv[3] == '--arrays' else None
    torch.set_num_threads(2)
    results = {'versions': {'torch': torch.__version__.split('+')[0], 'timm': timm.__version__, 'numpy': np.__version__}, 'cases': {}}
    for case in cases:
        torch.manual_seed(0)
        model = build(case)
        if case.get('forward_only'):
            # The network is too large for a training step here: only its state and little more fits in memory.
            fill(case, model)
            results['cases'][case['id']] = {'forward': {str(size): rounded(forward(case, model, size)) for size in case['forward_sizes']}}
            continue
        described = {'digest': digest(model)} if case.get('digest') else {'statistics': statistics(model)}
        result = {**described, 'parameters': sum(p.numel() for p in model.parameters()), 'macs': {str(size): macs(case, size) for size in case.get('cost_sizes', [])}}
        if 'batch' in case:
            masks = Masks(model)
            fill(case, model)
            result['no_decay'] = sorted(name for name, p in model.named_parameters() if any(p is q for q in optimizer_of({'name': 'sgd', 'weight_decay': 1.0, 'momentum': 0, 'nesterov': False}, model).param_groups[0]['params']))
            result['rates'] = rounded(masks.rates)
            result['forward'] = {str(size): rounded(forward(case, model, size)) for size in case['forward_sizes']}
            result['gradients'] = gradients(case, model, masks, arrays)
            result['runs'] = {run['id']: train(case, model, masks, run) for run in case['runs']}
        results['cases'][case['id']] = result
    with open(sys.argv[2], 'w') as file:
        # Each key of a case has a line of its own, so that a changed number is a small diff.
        file.write('{\n"versions": ' + json.dumps(results['versions']) + ',\n"cases": {\n')
        file.write(',\n'.join(f'{json.dumps(key)}: {{\n' + ',\n'.join(f'{json.dumps(k)}: {json.dumps(v, separators=(",", ":"))}' for k, v in value.items()) + '\n}' for key, value in results['cases'].items()))
        file.write('\n}\n}\n')


if __name__ == '__main__':
    main()
