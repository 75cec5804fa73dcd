"""Computes quantiles of 200,000 random draws of timm and torchvision, with which our draws are compared.

    python test/golden/augment/draws.py [SHARED] > test/golden/augment/draws.json

It needs timm, torch, torchvision and numpy. SHARED (default ../shared) holds reference/torchvision_stub.py, which is
used only where torchvision's operators can't load.
"""
import json
import random
import sys
from collections import Counter
from pathlib import Path

SHARED = Path(sys.argv[1] if len(sys.argv) > 1 else "../shared")
sys.path.insert(0, str(SHARED / "reference"))
try:
    import torchvision  # noqa: F401
except RuntimeError:
    for name in [key for key in sys.modules if key.startswith("torchvision")]:
        del sys.modules[name]
    import torchvision_stub  # noqa: F401

import numpy as np
import torch
from PIL import Image
from timm.data import auto_augment
from timm.data.mixup import Mixup, cutmix_bbox_and_lam
from timm.data.random_erasing import RandomErasing
from timm.data.transforms import RandomResizedCropAndInterpolation
from torchvision.transforms import ColorJitter

random.seed(0)
np.random.seed(0)
torch.manual_seed(0)
COUNT = 200_000
SHARES = [index / 40 for index in range(1, 40)]


def quantiles(values):
    """Entries are [value, share below it, share up to it]. Draws of integers have ties, so both shares are needed."""
    ordered = np.sort(np.asarray(values, dtype=np.float64))
    points = sorted({float(ordered[int(share * len(ordered))]) for share in SHARES})
    return [[point, round(float(np.mean(ordered < point)), 5), round(float(np.mean(ordered <= point)), 5)] for point in points]


def summary(rows, names):
    columns = list(zip(*rows))
    return {name: quantiles(column) for name, column in zip(names, columns)}


golden = {"crop": [], "erase": [], "randaug": [], "mix": [], "jitter": {}}

for width, height, scale, ratio in ((499, 665, (0.08, 1.0), (3 / 4, 4 / 3)), (32, 32, (0.08, 1.0), (3 / 4, 4 / 3)), (600, 60, (0.35, 1.0), (3 / 4, 4 / 3)), (40, 500, (0.5, 1.0), (0.9, 1.1))):
    image = Image.new("RGB", (width, height))
    rows = [RandomResizedCropAndInterpolation.get_params(image, scale, ratio) for _ in range(COUNT // 4)]
    golden["crop"].append({"width": width, "height": height, "scale": scale, "ratio": ratio, **summary(rows, ("top", "left", "box_height", "box_width"))})

for side in (224, 37):
    rows = []
    pick = RandomErasing(probability=0.25, mode="const", device="cpu")
    for _ in range(COUNT // 8):
        image = torch.ones(1, side, side)
        pick(image)
        erased = image[0] == 0
        if bool(erased.any()):
            ys, xs = torch.where(erased.any(1))[0], torch.where(erased.any(0))[0]
            rows.append((int(ys[0]), int(xs[0]), len(ys), len(xs)))
        else:
            rows.append((0, 0, 0, 0))
    golden["erase"].append({"side": side, "probability": 0.25, **summary(rows, ("top", "left", "height", "width"))})

for increasing, magnitude in ((True, 9), (True, 3), (True, 0), (False, 5)):
    calls = []
    for name in auto_augment.NAME_TO_OP:
        auto_augment.NAME_TO_OP[name] = lambda image, *arguments, name=name, **_: (calls.append((name, arguments[0] if arguments else 0)), image)[1]
    transform = auto_augment.rand_augment_transform(f"rand-m{magnitude}-mstd0.5-inc{int(increasing)}", {"img_mean": (124, 116, 104)})
    for _ in range(COUNT // 4):
        transform(None)
    by_name = {name: [argument for other, argument in calls if other == name] for name in Counter(name for name, _ in calls)}
    golden["randaug"].append(
        {"increasing": increasing, "magnitude": magnitude, "images": COUNT // 4, "ops": {name: {"count": len(values), "argument": quantiles(values)} for name, values in sorted(by_name.items())}}
    )

for side, options in ((224, (0.8, 1.0, 1.0, 0.5)), (33, (0.8, 1.0, 0.7, 0.3)), (64, (0.2, 0.0, 1.0, 0.5)), (64, (0.0, 3.0, 1.0, 0.5))):
    mixup, cutmix, prob, switch = options
    mix = Mixup(mixup_alpha=mixup, cutmix_alpha=cutmix, prob=prob, switch_prob=switch)
    rows = {"none": [], "mixup": [], "cutmix": []}
    for _ in range(COUNT // 4):
        lam, use_cutmix = mix._params_per_batch()
        if use_cutmix:
            (_, _, _, _), lam = cutmix_bbox_and_lam((2, 3, side, side), lam)
            rows["cutmix"].append(float(lam))
        else:
            # With mixing enabled, a lam of exactly 1 is a draw of beta that rounds to 1, not a step without mixing.
            rows["mixup" if mixup > 0 and (prob == 1 or lam != 1) else "none"].append(float(lam))
    golden["mix"].append({"side": side, "mixup": mixup, "cutmix": cutmix, "mixup_prob": prob, "mixup_switch_prob": switch, "draws": COUNT // 4, "counts": {kind: len(values) for kind, values in rows.items()}, "lam": {kind: quantiles(values) for kind, values in rows.items() if values}})

jitter = ColorJitter(0.4, 0.4, 0.4)
orders, factors = Counter(), []
for _ in range(COUNT // 10):
    order, *values = ColorJitter.get_params(jitter.brightness, jitter.contrast, jitter.saturation, None)
    orders["".join(str(int(index)) for index in order if index < 3)] += 1
    factors.append(values[:3])
golden["jitter"] = {"strength": 0.4, "draws": COUNT // 10, "orders": dict(sorted(orders.items())), **summary(factors, ("Brightness", "Contrast", "Color"))}

print(json.dumps(golden, separators=(",", ":")))
