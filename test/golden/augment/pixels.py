"""Computes golden pixels of resampling, RandAugment's ops, colour jitter and the evaluation view by PIL, torchvision
and timm.

    python test/golden/augment/pixels.py [SHARED] > test/golden/augment/pixels.json

Run it in the repository's root. SHARED is the folder with data/flowers (default ../shared). It needs pillow, timm,
torch, torchvision and numpy. Each case holds the sha256 of the result's RGB bytes and some of these bytes at fixed
places, so that a failed test shows how large the difference is.
"""
import hashlib
import json
import sys
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
from PIL import Image
from timm.data import auto_augment, create_transform
from torchvision.transforms import functional

FILL = (124, 116, 104)
FILTERS = {"bilinear": Image.Resampling.BILINEAR, "bicubic": Image.Resampling.BICUBIC}
PHOTOS = {
    "sign": ("repository", "resources/sample/sign-digits/train/one/img_4194.jpg"),
    "rose": ("shared", "data/flowers/train/rose/12338444334_72fcc2fc58_m.jpg"),
}


def pattern(width, height):
    y, x, c = np.mgrid[0:height, 0:width, 0:3]
    return Image.fromarray(((x * 7 + y * 13 + c * 31 + x * y) % 256).astype(np.uint8))


SOURCES = {
    "pattern": pattern(37, 23),
    "pixel": pattern(1, 1),
    "flat": Image.new("RGB", (20, 10), (10, 200, 90)),
    **{name: Image.open((SHARED if where == "shared" else Path(".")) / path).convert("RGB") for name, (where, path) in PHOTOS.items()},
}


def digest(image):
    pixels = np.asarray(image)
    flat = pixels.reshape(-1)
    places = [int(place) for place in np.linspace(0, flat.size - 1, 16)]
    return {"width": image.width, "height": image.height, "sha256": hashlib.sha256(pixels.tobytes()).hexdigest(), "probes": flat[places].tolist()}


def level_cases():
    """Pairs (op, argument) come from timm's own level functions. Where timm draws a sign, both signs are listed."""
    for name in [*auto_augment._RAND_INCREASING_TRANSFORMS, *auto_augment._RAND_TRANSFORMS]:
        if name in auto_augment._RAND_INCREASING_TRANSFORMS and name in auto_augment._RAND_TRANSFORMS and name in seen:
            continue
        seen.add(name)
        level_of = auto_augment.LEVEL_TO_ARG[name]
        if level_of is None:
            yield name, None, 0
            continue
        for level in (0.0, 0.7, 3.3, 6.5, 9.0, 10.0):
            arguments = set()
            for sign in (1, -1):
                auto_augment._randomly_negate = lambda value, sign=sign: sign * value
                arguments.add(level_of(level, {})[0])
            for argument in sorted(arguments):
                yield name, level, argument


seen = set()
cases = {"sources": {name: {**digest(image), **({"file": PHOTOS[name]} if name in PHOTOS else {})} for name, image in SOURCES.items()}, "ops": [], "resize": [], "jitter": [], "evaluation": []}

for name, level, argument in level_cases():
    geometric = name in ("Rotate", "ShearX", "ShearY", "TranslateXRel", "TranslateYRel")
    for source, image in SOURCES.items():
        if source == "rose" and level not in (None, 6.5):
            continue
        if name.startswith("Posterize") and argument == 0:
            continue  # Pillow 13 refuses to keep zero bits. Earlier versions made the image black, which is what timm intends.
        for filter_name in FILTERS if geometric else ["bicubic"]:
            made = auto_augment.NAME_TO_OP[name](image, *([] if level is None else [argument]), fillcolor=FILL, resample=FILTERS[filter_name])
            cases["ops"].append({"op": name, "level": level, "argument": argument, "source": source, "filter": filter_name, **digest(made)})

for source, image in SOURCES.items():
    for width, height in [(224, 224), (64, 64), (7, 130), (1, 1), (image.width, 40), (40, image.height)]:
        for filter_name, filter_ in FILTERS.items():
            cases["resize"].append({"source": source, "filter": filter_name, **digest(image.resize((width, height), filter_))})

for source in ("sign", "pattern", "rose"):
    for op, adjust in (("Brightness", functional.adjust_brightness), ("Contrast", functional.adjust_contrast), ("Color", functional.adjust_saturation)):
        for factor in (0.0, 0.6, 0.83, 1.0, 1.4):
            cases["jitter"].append({"op": op, "argument": factor, "source": source, **digest(adjust(SOURCES[source], factor))})

for source in ("sign", "pattern", "rose", "pixel"):
    for size, crop_pct in ((224, 0.875), (64, 0.95), (33, 1.0), (160, 0.9)):
        for filter_name in FILTERS:
            view = create_transform(size, is_training=False, interpolation=filter_name, crop_pct=crop_pct, normalize=False)(SOURCES[source])
            view = Image.fromarray(view.permute(1, 2, 0).numpy())
            cases["evaluation"].append({"source": source, "size": size, "crop_pct": crop_pct, "filter": filter_name, **digest(view)})

# A centre crop larger than the image pads it. After a resize with crop_pct <= 1 that never happens, so it is tested
# alone.
cases["centre_crop"] = [
    {"source": source, "size": size, **digest(functional.center_crop(SOURCES[source], [size, size]))} for source in ("pattern", "pixel", "sign") for size in (30, 31, 23, 101)
]

keys = list(cases)
print("{")
for key in keys:
    value = cases[key]
    end = "" if key == keys[-1] else ","
    if isinstance(value, dict):
        print(f'  "{key}": {json.dumps(value)}{end}')
    else:
        print(f'  "{key}": [')
        print(",\n".join("    " + json.dumps(case) for case in value))
        print(f"  ]{end}")
print("}")
