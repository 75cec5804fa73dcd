"""Loads an export by running its README's own code, and writes TensorFlow's results for some images.

    python load_with_tensorflow.py EXPORT_FOLDER IMAGES.u8 OUT_FOLDER

It needs tensorflow and numpy. IMAGES.u8 holds uint8 [N, size, size, 3]. It writes all.f32 (probabilities of all images
at once) and single.f32 (the same, one by one).
"""
import os
import re
import sys
from pathlib import Path

os.environ['TF_CPP_MIN_LOG_LEVEL'] = '2'
import numpy as np  # noqa: E402
import tensorflow as tf  # noqa: E402

folder, images_file, out = (Path(name).resolve() for name in sys.argv[1:4])
blocks = re.findall(r'```python\n(.*?)```', (folder / 'README.md').read_text(), re.DOTALL)
os.chdir(folder.parent)
names = {}
exec(blocks[0], names)
assert names['probabilities'].shape[0] == 2
size = names['images'].shape[1]
images = np.fromfile(images_file, np.uint8).reshape(-1, size, size, 3)
predict = lambda x: names['predict'](images=tf.constant(x))['probabilities'].numpy()  # noqa: E731
predict(images).tofile(out / 'all.f32')
np.concatenate([predict(images[index : index + 1]) for index in range(len(images))]).tofile(out / 'single.f32')
print(len(blocks))
