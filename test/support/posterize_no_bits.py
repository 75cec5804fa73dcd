"""Lets timm's Posterize keep no bit of a value, which it asks for at level 10.

Pillow refuses that from version 13 on. Earlier versions made the image black, which is what timm's levels mean.
"""
from PIL import Image, ImageOps

_posterize = ImageOps.posterize


def posterize(image: Image.Image, bits: int) -> Image.Image:
    """Returns the image with the highest `bits` bits of each value, which may be 0."""
    return image.point(lambda _: 0) if bits == 0 else _posterize(image, bits)


ImageOps.posterize = posterize
