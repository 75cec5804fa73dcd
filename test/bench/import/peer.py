"""Runs Pillow beside an import, in one process. `small FOLDER COUNT SIDE`, `photographs FOLDER COUNT` and `copies
FOLDER SOURCE COUNT` make images; `read FOLDER` decodes, hashes and shrinks every file of a folder."""

import hashlib
import io
import os
import sys
from pathlib import Path

import numpy
from PIL import Image, ImageEnhance, ImageOps

CLASSES = 10


def save(image, path, **options):
    path.parent.mkdir(parents=True, exist_ok=True)
    image.save(path, **options)


def drawn(random, width, height, cells):
    """Makes smooth colours with some grain, so that a JPEG of it has the size of a photograph's."""
    coarse = random.integers(0, 256, (cells, cells, 3), dtype=numpy.uint8)
    smooth = numpy.asarray(Image.fromarray(coarse).resize((width, height), Image.Resampling.BICUBIC), dtype=numpy.int16)
    grain = random.normal(0, 6, smooth.shape)
    return Image.fromarray(numpy.clip(smooth + grain, 0, 255).astype(numpy.uint8))


def small(folder, count, side):
    random = numpy.random.default_rng(0)
    for index in range(int(count)):
        save(drawn(random, int(side), int(side), 6), Path(folder, f"class{index % CLASSES}", f"{index}.jpg"), quality=90)


def photographs(folder, count):
    random = numpy.random.default_rng(1)
    for index in range(int(count)):
        save(drawn(random, 500, 375, 24), Path(folder, f"class{index % CLASSES}", f"{index}.jpg"), quality=90)


def cropped(image):
    width, height = image.size
    across, down = round(width * 0.05), round(height * 0.05)
    return image.crop((across, down, width, height))


# The ways in which near-duplicates are made.
KINDS = {
    "three-quarters": lambda image: (image.resize((image.width * 3 // 4, image.height * 3 // 4)), "jpg", {"quality": 80}),
    "half-png": lambda image: (image.resize((image.width // 2, image.height // 2)), "png", {}),
    "brighter": lambda image: (ImageEnhance.Brightness(image).enhance(1.2), "jpg", {"quality": 90}),
    "cropped": lambda image: (cropped(image), "jpg", {"quality": 90}),
    "mirrored": lambda image: (ImageOps.mirror(image), "jpg", {"quality": 90}),
}


def files_of(folder):
    return sorted(Path(at, name) for at, _, names in os.walk(folder) for name in names)


def copies(folder, source, count):
    for index, path in enumerate(files_of(source)[: int(count)]):
        image = Image.open(path).convert("RGB")
        save(image, Path(folder, "original", f"{index}.jpg"), quality=95)
        for kind, make in KINDS.items():
            made, ending, options = make(image)
            save(made, Path(folder, kind, f"{index}.{ending}"), **options)


def read(folder):
    for path in files_of(folder):
        content = path.read_bytes()
        hashlib.sha256(content).hexdigest()
        image = Image.open(io.BytesIO(content))
        image.load()
        gray = numpy.asarray(image.convert("L").resize((9, 8)), dtype=numpy.int16)
        numpy.packbits(gray[:, 1:] > gray[:, :-1]).tobytes()


if __name__ == "__main__":
    {"small": small, "photographs": photographs, "copies": copies, "read": read}[sys.argv[1]](*sys.argv[2:])
