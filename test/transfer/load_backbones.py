"""Loads exported weights into backbones of detection and segmentation toolboxes, and compares the maps that they give with ours.

    python load_backbones.py FOLDER

FOLDER has a folder for each case: case.json ({"toolbox", "type", "arguments", "maps", "size", "loads"}), model.safetensors, images.f32
(N x 3 x S x S, normalised) and <map>.f32 (N x H x W x C). One line of JSON is printed: for each case the backbone's parameters that the
file did not fill, and the largest difference of each map over the largest number in it.

Needs torch, timm, safetensors, mmdet 3.3.0, mmsegmentation 1.2.2, mmengine and mmcv-lite 2.1.0. mmcv-lite has no compiled operators; the
toolboxes import them by name when they are loaded, and none of these backbones calls one, so their names are put in place of them.
"""
import importlib.abc
import importlib.machinery
import json
import os
import sys
import tempfile
import types

import numpy as np
import torch
from safetensors.torch import load_file

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', 'support'))
import without_torchvision  # noqa: E402, F401


class Names(types.ModuleType):
    """A module in which every name is an empty class."""

    def __getattr__(self, name):
        if name.startswith('__'):
            raise AttributeError(name)
        return type(name, (), {})


class CompiledOperators(importlib.abc.MetaPathFinder, importlib.abc.Loader):
    def find_spec(self, name, path, target=None):
        if name == 'mmcv.ops' or name.startswith('mmcv.ops.'):
            return importlib.machinery.ModuleSpec(name, self, is_package=True)
        return None

    def create_module(self, spec):
        return Names(spec.name)

    def exec_module(self, module):
        module.__path__ = []


def toolbox(name):
    """The backbones of mmdet or mmseg."""
    import mmcv.cnn.bricks.transformer as transformer

    if not hasattr(transformer, 'MultiScaleDeformableAttention'):
        transformer.MultiScaleDeformableAttention = type('MultiScaleDeformableAttention', (), {})
    return importlib.import_module(f'{name}.models.backbones')


def loaded_by_toolbox(case, path):
    """As a configuration does it: init_cfg names a file of torch.save, and init_weights reads and converts it."""
    from mmengine.config import ConfigDict

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'backbone.pth')
        torch.save({'model': load_file(path)}, file)
        backbone = getattr(toolbox(case['toolbox']), case['type'])(
            **case['arguments'], init_cfg=ConfigDict(type='Pretrained', checkpoint=file)
        )
        for parameter in backbone.parameters():
            parameter.data.fill_(float('nan'))
        backbone.init_weights()
    unfilled = [name for name, parameter in backbone.named_parameters() if not torch.isfinite(parameter).all()]
    return backbone, unfilled


def loaded_by_timm(case, path):
    """mmseg's TIMMBackbone; timm itself reads the file, and fails where a name or a shape does not agree."""
    backbone = toolbox(case['toolbox']).TIMMBackbone(
        **case['arguments'], features_only=True, pretrained=True, pretrained_cfg_overlay={'file': path}
    )
    return backbone, []


def checked(folder):
    with open(os.path.join(folder, 'case.json')) as file:
        case = json.load(file)
    load = loaded_by_timm if case['loads'] == 'timm' else loaded_by_toolbox
    backbone, unfilled = load(case, os.path.join(folder, 'model.safetensors'))
    images = np.fromfile(os.path.join(folder, 'images.f32'), '<f4').reshape(-1, 3, case['size'], case['size'])
    with torch.no_grad():
        maps = backbone.eval()(torch.from_numpy(images))
    differences = {}
    for name, found in zip(case['maps'], maps):
        ours = np.fromfile(os.path.join(folder, f'{name}.f32'), '<f4')
        theirs = found.permute(0, 2, 3, 1).numpy().ravel()
        differences[name] = float(np.abs(theirs - ours).max() / np.abs(ours).max()) if len(theirs) == len(ours) else None
    return {'unfilled': unfilled, 'differences': differences}


def main():
    sys.meta_path.insert(0, CompiledOperators())
    folder = sys.argv[1]
    print(json.dumps({name: checked(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}))


if __name__ == '__main__':
    main()
