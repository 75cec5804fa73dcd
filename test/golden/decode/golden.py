"""Code that the scripts of this folder share: a small picture, the rules of docs/data.md in Pillow and numpy, and the
format of the golden files."""
import base64
import io
import json
import sys
import warnings

import numpy as np
from PIL import Image, ImageOps

W, H = 14, 10
rng = np.random.default_rng(0)
ramp = np.stack(np.meshgrid(np.linspace(0, 255, W), np.linspace(0, 255, H)), -1)
photo = np.clip(np.concatenate([ramp, ramp.mean(-1, keepdims=True)], -1) + rng.normal(0, 6, (H, W, 3)), 0, 255).astype(np.uint8)
alpha = np.dstack([photo, np.linspace(0, 255, H * W).reshape(H, W).astype(np.uint8)])
deep = (photo[..., 0].astype(np.uint16) << 8) | rng.integers(0, 256, (H, W), dtype=np.uint16)


def on_white(values):
    share = values[..., 3:].astype(np.float64) / 255
    return np.floor(values[..., :3] * share + 255 * (1 - share) + 0.5).astype(np.uint8)


def rules(data):
    """Decodes to 8-bit RGB [H, W, 3] by the documented rules."""
    image = Image.open(io.BytesIO(data))
    image.load()
    image = ImageOps.exif_transpose(image)
    if image.mode.startswith('I'):
        return np.repeat((np.asarray(image).astype(np.int64) >> 8).astype(np.uint8)[..., None], 3, -1)
    if image.mode == 'La':
        image = image.convert('LA')
    if image.mode in ('P', 'LA', 'PA') or 'transparency' in image.info:
        image = image.convert('RGBA')
    return on_white(np.asarray(image)) if image.mode == 'RGBA' else np.asarray(image.convert('RGB'))


def entry(data, pixels=None):
    """Returns the file with its pixels, by default those of Pillow. Pixels are left out where Pillow can't read the
    file."""
    found = {'file': base64.b64encode(data).decode()}
    try:
        pixels = np.ascontiguousarray(rules(data) if pixels is None else pixels)
    except (OSError, ValueError):
        return found
    return {**found, 'width': pixels.shape[1], 'height': pixels.shape[0], 'rgb': base64.b64encode(pixels.tobytes()).decode()}


def write(files, pixels={}):
    """Prints the golden file. @param pixels of the files that Pillow decodes against their format's definition"""
    warnings.simplefilter('ignore')
    json.dump({name: entry(data, pixels.get(name)) for name, data in files.items()}, sys.stdout, indent=0)
