"""Runs PyTorch's side of the bench of single ops: python peer.py THREADS

Lines in: an OpRequest (cases.ts); out: {"ms": [...]}. The images of a depthwise convolution have the layout that is
fastest in PyTorch: each round counts the better of channels-last and NCHW.
"""
import json
import sys
import time

import torch


def depthwise(run, forward, layout):
    side, channels, kernel = run['side'], run['channels'], run['kernel']
    x, dy = (torch.randn(run['batch'], channels, side, side).to(memory_format=layout) for _ in range(2))
    weight, bias = torch.randn(channels, 1, kernel, kernel), torch.randn(channels)
    around = [kernel // 2] * 2
    if forward:
        return lambda: torch.nn.functional.conv2d(x, weight, bias, padding=around, groups=channels)
    return lambda: torch.ops.aten.convolution_backward(
        dy, x, weight, [channels], [1, 1], around, [1, 1], False, [0, 0], channels, [True, True, True])


def timed(act):
    begun = time.perf_counter()
    act()
    return 1000 * (time.perf_counter() - begun)


def main():
    torch.set_num_threads(int(sys.argv[1]))
    made = {}
    for line in sys.stdin:
        request = json.loads(line)
        key = json.dumps([request['run'], request['pass']])
        if key not in made:
            layouts = (torch.channels_last, torch.contiguous_format)
            made[key] = [depthwise(request['run'], request['pass'] == 'forward', layout) for layout in layouts]
        with torch.no_grad():
            ms = min(([timed(act) for _ in range(request['times'])] for act in made[key]), key=lambda times: sorted(times)[len(times) // 2])
        print(json.dumps({'ms': ms}), flush=True)


if __name__ == '__main__':
    main()
