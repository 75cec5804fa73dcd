"""PyTorch + timm's side of the step bench: python peer.py CASE

CASE is JSON: model, bandwidth, batch, threads, channels_last, compile, autocast. Lines in: {"steps": n}, {"evaluations": n} or {"profile": n} (steps); out: {"ms": [...]}, or {"ops": [[name, milliseconds a step, calls a step]]}.
A step is forward, backward, clipping, AdamW (fused) and EMA, on a float batch that is ready: augmentation, crop and normalisation are not part of it.
"""
import json
import os
import sys
import time

import torch

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'support'))
import without_torchvision  # noqa: E402,F401
import timm  # noqa: E402
from timm.loss import SoftTargetCrossEntropy  # noqa: E402


def parameter_groups(model, decay):
    skipped = model.no_weight_decay() if hasattr(model, 'no_weight_decay') else set()
    named = list(model.named_parameters())
    plain = [p for name, p in named if p.ndim <= 1 or name.endswith('.bias') or name in skipped]
    ids = {id(p) for p in plain}
    return [{'params': [p for _, p in named if id(p) not in ids], 'weight_decay': decay}, {'params': plain, 'weight_decay': 0.0}]


def main():
    case = json.loads(sys.argv[1])
    torch.manual_seed(0)
    torch.set_num_threads(case['threads'])
    side, batch = case['bandwidth'], case['batch']
    kwargs = {'img_size': side} if 'deit' in case['model'] else {}
    model = timm.create_model(case['model'], **kwargs)
    layout = {'memory_format': torch.channels_last} if case['channels_last'] else {}
    model = model.to(**layout) if layout else model
    forward = torch.compile(model) if case['compile'] else model
    optimizer = torch.optim.AdamW(parameter_groups(model, 0.05), lr=1e-4, fused=True)
    parameters = list(model.parameters())
    # timm's ModelEmaV3 with foreach: parameters and buffers.
    state = [value for value in model.state_dict().values() if value.dtype.is_floating_point]
    average = [value.detach().clone() for value in state]
    criterion = SoftTargetCrossEntropy()
    x = torch.randn(batch, 3, side, side)
    x = x.contiguous(**layout) if layout else x
    targets = torch.softmax(torch.randn(batch, 1000), 1)
    autocast = torch.autocast('cpu', dtype=torch.bfloat16, enabled=case['autocast'])

    def step():
        model.train()
        with autocast:
            loss = criterion(forward(x), targets)
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()
        with torch.no_grad():
            torch._foreach_lerp_(average, state, 1e-4)
        return loss.item()

    def evaluate():
        model.eval()
        with torch.inference_mode(), autocast:
            return forward(x).sum().item()

    def timed(act):
        begin = time.perf_counter()
        act()
        return 1000 * (time.perf_counter() - begin)

    def profiled(count):
        with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU]) as trace:
            for _ in range(count):
                step()
        ops = [[event.key, event.self_cpu_time_total / 1000 / count, event.count / count] for event in trace.key_averages()]
        return sorted(ops, key=lambda op: -op[1])

    for line in sys.stdin:
        request = json.loads(line)
        if 'profile' in request:
            print(json.dumps({'ops': profiled(request['profile'])}), flush=True)
            continue
        act, count = (step, request['steps']) if 'steps' in request else (evaluate, request['evaluations'])
        print(json.dumps({'ms': [timed(act) for _ in range(count)], 'torch': torch.__version__, 'timm': timm.__version__}), flush=True)


if __name__ == '__main__':
    main()
