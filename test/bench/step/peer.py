"""Runs PyTorch's side of the step bench: python peer.py CASE

CASE is JSON: model, bandwidth, size, batch, threads, channels_last, compile, autocast, and device if it is not the
processor. Lines in: {"steps": n}, {"evaluations": n} or {"profile": "steps" or "evaluations", "times": n}. Lines out:
{"ms": [...]}, or {"ops": [[name, milliseconds a time, calls a time]]}. With a model called mae_* a step is one of
pre-training (peer_mae.py). Otherwise it does the same as ours: 8-bit images of `size` to float, low-frequency crop,
normalisation, mixup or cutmix, forward, backward, clipping, AdamW (fused) and EMA. An evaluation normalises 8-bit
images of the bandwidth, and computes forward pass, loss and number of right answers.
"""
import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import without_torchvision  # noqa: E402,F401
from low_frequency_crop import crop_matrix, low_frequency_crop  # noqa: E402
import timm  # noqa: E402
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD, Mixup  # noqa: E402
from timm.loss import SoftTargetCrossEntropy  # noqa: E402
from peer_family import create  # noqa: E402
from peer_mae import pretraining  # noqa: E402


def parameter_groups(model, decay):
    skipped = model.no_weight_decay() if hasattr(model, 'no_weight_decay') else set()
    named = list(model.named_parameters())
    plain = [p for name, p in named if p.ndim <= 1 or name.endswith('.bias') or name in skipped]
    ids = {id(p) for p in plain}
    return [{'params': [p for _, p in named if id(p) not in ids], 'weight_decay': decay}, {'params': plain, 'weight_decay': 0.0}]


def classification(case):
    """Returns (step, evaluate)."""
    side, size, batch = case['bandwidth'], case['size'], case['batch']
    device = case.get('device', 'cpu')
    model = create(case['model'], side)
    layout = {'memory_format': torch.channels_last} if case['channels_last'] else {}
    model = model.to(device, **layout)
    forward = torch.compile(model) if case['compile'] else model
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.05), lr=1e-4, fused=True)
    parameters = list(model.parameters())
    # timm's ModelEmaV3 with foreach averages parameters and buffers.
    state = [value for value in model.state_dict().values() if value.dtype.is_floating_point]
    average = [value.detach().clone() for value in state]
    criterion = SoftTargetCrossEntropy()
    images = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8, device=device)
    views = torch.randint(0, 256, (batch, 3, side, side), dtype=torch.uint8, device=device)
    labels = torch.randint(0, 1000, (batch,), device=device)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD))
    matrix = [part.to(device) for part in crop_matrix(size, side)] if side != size else None
    mixup = Mixup(0.8, 1.0, switch_prob=0.5, label_smoothing=0.1, num_classes=1000)
    autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=case['autocast'])

    def step():
        model.train()
        x = images.float() / 255
        if matrix is not None:
            x = low_frequency_crop(x, matrix)
        x, targets = mixup((x - mean) / std, labels)
        with autocast:
            loss = criterion(forward(x.contiguous(**layout) if layout else x), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, state, 1e-4)
        return loss.item()

    def evaluate():
        model.eval()
        x = (views.float() / 255 - mean) / std
        with torch.inference_mode(), autocast:
            logits = forward(x.contiguous(**layout) if layout else x)
            loss = torch.nn.functional.cross_entropy(logits, labels)
            return loss.item(), (logits.argmax(1) == labels).sum().item()

    return step, evaluate


def main():
    case = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(case['threads'])
    step, evaluate = (pretraining if case['model'].startswith('mae_') else classification)(case)

    def timed(act):
        begin = time.perf_counter()
        act()
        return 1000 * (time.perf_counter() - begin)

    def profiled(act, count):
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as trace:
            for _ in range(count):
                act()
        ops = [[event.key, event.self_cpu_time_total / 1000 / count, event.count / count] for event in trace.key_averages()]
        return sorted(ops, key=lambda op: -op[1])

    for line in sys.stdin:
        request = json.loads(line)
        if 'profile' in request:
            print(json.dumps({'ops': profiled(step if request['profile'] == 'steps' else evaluate, request['times'])}), flush=True)
            continue
        act, count = (step, request['steps']) if 'steps' in request else (evaluate, request['evaluations'])
        print(json.dumps({'ms': [timed(act) for _ in range(count)], 'torch': torch.__version__, 'timm': timm.__version__}), flush=True)


if __name__ == '__main__':
    main()
