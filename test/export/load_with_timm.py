"""Loads an export by running its README's own code, and writes timm's results for some images.

    python load_with_timm.py EXPORT_FOLDER IMAGES.u8 OUT_FOLDER [IMAGE_FILE...]

It needs torch, timm, numpy, pillow and safetensors. IMAGES.u8 holds uint8 [N, size, size, 3]. It writes 0.f32 and 1.f32
(logits [N, classes] by each code block of the README) and files.f32 (logits of the image files through the README's
transform).
"""
import os
import re
import sys
from pathlib import Path

import numpy as np
import torch
from PIL import Image

sys.path.insert(0, str(Path(__file__).parents[1] / 'support'))
import without_torchvision  # noqa: E402, F401

torch.set_num_threads(1)
folder, images_file, out = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve(), Path(sys.argv[3]).resolve()
files = [Path(name).resolve() for name in sys.argv[4:]]
blocks = re.findall(r'```python\n(.*?)```', (folder / 'README.md').read_text(), re.DOTALL)
os.chdir(folder.parent)

for index, block in enumerate(blocks):
    names = {}
    exec(block, names)
    model = names['model']
    config = model.pretrained_cfg if index == 0 else config  # the second block builds the bare model
    size = config['input_size'][-1]
    pixels = torch.from_numpy(np.fromfile(images_file, np.uint8).reshape(-1, size, size, 3)).permute(0, 3, 1, 2).float() / 255
    mean, std = (torch.tensor(config[name]).view(1, 3, 1, 1) for name in ('mean', 'std'))
    with torch.inference_mode():
        model((pixels - mean) / std).numpy().tofile(out / f'{index}.f32')
        if 'transform' in names and files:
            inputs = torch.stack([names['transform'](Image.open(name).convert('RGB')) for name in files])
            model(inputs).numpy().tofile(out / 'files.f32')
print(len(blocks))
