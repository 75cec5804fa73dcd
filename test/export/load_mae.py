"""Loads a masked autoencoder's export (`--part all`) by its README's own code into transformers' model, and compares it
with a dump.

    python load_mae.py EXPORT_FOLDER DUMP_FOLDER

It needs torch, transformers, numpy and safetensors. DUMP_FOLDER was written by `evaluate --dump` with the same weights.
transformers gets the images of inputs.npy and the visible patches of ids_keep.npy, and computes prediction, mask and
loss itself. The largest differences are printed as JSON.
"""
import json
import os
import re
import sys
from pathlib import Path

import numpy as np
import torch

sys.path.insert(0, str(Path(__file__).parents[1] / 'support'))
import without_torchvision  # noqa: E402, F401

torch.set_num_threads(1)
folder, dump = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
arrays = {name: np.load(dump / f'{name}.npy') for name in ('inputs', 'ids_keep', 'prediction', 'target', 'mask', 'loss')}
(block,) = re.findall(r'```python\n(.*?)```', (folder / 'README.md').read_text(), re.DOTALL)
os.chdir(folder.parent)
names = {}
exec(block, names)
model = names['model']

images, length = arrays['mask'].shape
kept = arrays['ids_keep'].shape[1]
# Sorting this noise puts the visible patches first, in their order. The order of the masked patches does not matter.
noise = np.full((images, length), 2.0)
np.put_along_axis(noise, arrays['ids_keep'], np.arange(kept) / kept, axis=1)
prediction, mask, loss = [], [], []
with torch.inference_mode():
    for image in range(images):
        x = torch.from_numpy(arrays['inputs'][image : image + 1])
        out = model(x, noise=torch.from_numpy(noise[image : image + 1]))
        prediction.append(out.logits[0].numpy())
        mask.append(out.mask[0].numpy())
        loss.append(out.loss.item())
print(json.dumps({
    'images': images,
    'prediction': float(np.abs(np.stack(prediction) - arrays['prediction']).max()),
    'mask': float(np.abs(np.stack(mask) - arrays['mask']).max()),
    'loss': float(np.abs(np.array(loss) - arrays['loss']).max()),
}))
