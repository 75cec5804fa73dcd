"""Loads exported weights into backbones of detection and segmentation toolboxes, and compares their maps with ours.

    python load_backbones.py FOLDER

FOLDER has a folder for each case: case.json ({"toolbox", "type", "arguments", "maps", "size", "loads", "converter",
"norms"}), model.safetensors, images.f32 (N x 3 x S x S, normalised) and <map>.f32 (N x H x W x C). `converter` is the
toolbox's own script with which its users convert an official file: [package, script, function, prefix of the backbone's
names]. It is null where the backbone converts the file itself. `container` is the key of the weights in the file of
torch.save where it is not `model`. `norms` says that the backbone has a norm of its own after each map, which no
classifier has. Where the file does not fill such a norm, it is 1 and 0, and our map is normalised by it too. One line of
JSON is printed. It has for each case the backbone's parameters that the file did not fill, and the largest difference of
each map over the largest number in it.

It needs torch, timm, safetensors, mmdet 3.3.0, mmsegmentation 1.2.2, mmpretrain 1.2.0, mmengine and mmcv-lite 2.1.0.
mmcv-lite has no compiled operators. The toolboxes import them by name when they are loaded, but none of these backbones
calls one, so empty classes replace them.
"""
import importlib.abc
import importlib.machinery
import importlib.util
import json
import os
import re
import sys
import tempfile
import types

import numpy as np
import torch
import torch.nn.functional as F
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


def without_transformers():
    """Makes mmpretrain load without its multimodal models. mmdet loads mmpretrain where it is installed. It leaves
    these models out without transformers, and fails to load with a newer transformers than it supports."""
    try:
        import importlib_metadata
    except ModuleNotFoundError:
        return
    found = importlib_metadata.distribution

    def distribution(name):
        if name == 'transformers':
            raise importlib_metadata.PackageNotFoundError(name)
        return found(name)

    importlib_metadata.distribution = distribution


def without_deformable_attention():
    """Puts an empty class in place of the layer that mmcv-lite lacks and mmdet imports by name."""
    import mmcv.cnn.bricks.transformer as transformer

    if not hasattr(transformer, 'MultiScaleDeformableAttention'):
        transformer.MultiScaleDeformableAttention = type('MultiScaleDeformableAttention', (), {})


def toolbox(name):
    """Returns the registry of backbones of mmdet, mmseg or mmpretrain."""
    without_deformable_attention()
    return importlib.import_module(f'{name}.models.backbones')


def converted(case, state):
    """Converts an official file by the toolbox's script. Returns the result and the prefix of the backbone's names in
    it."""
    if not case.get('converter'):
        return {case.get('container', 'model'): state}, None
    package, script, function, prefix = case['converter']
    root = os.path.dirname(importlib.import_module(package).__file__)
    spec = importlib.util.spec_from_file_location(script, os.path.join(root, '.mim', 'tools', 'model_converters', f'{script}.py'))
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return {'state_dict': dict(getattr(module, function)(state))}, prefix


def loaded_by_toolbox(case, path):
    """Loads the file as a configuration does: init_cfg names a file of torch.save, and init_weights reads and converts
    it."""
    from mmengine.config import ConfigDict

    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, 'backbone.pth')
        contents, prefix = converted(case, load_file(path))
        torch.save(contents, file)
        backbone = getattr(toolbox(case['toolbox']), case['type'])(
            **case['arguments'], init_cfg=ConfigDict(type='Pretrained', checkpoint=file, **({'prefix': prefix} if prefix else {}))
        )
        for parameter in backbone.parameters():
            parameter.data.fill_(float('nan'))
        backbone.init_weights()
    for name, parameter in backbone.named_parameters():
        if case.get('norms') and re.match(r'norm\d\.', name) and not torch.isfinite(parameter).all():
            parameter.data.fill_(1.0 if name.endswith('weight') else 0.0)
    unfilled = [name for name, parameter in backbone.named_parameters() if not torch.isfinite(parameter).all()]
    return backbone, unfilled


def loaded_by_timm(case, path):
    """Loads the file into the toolbox's TIMMBackbone. timm reads it, and fails where a name or a shape does not agree."""
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
    # Swin's own `eval` does not return the module.
    backbone.eval()
    with torch.no_grad():
        maps = backbone(torch.from_numpy(images))
    differences = {}
    for index, (name, found) in enumerate(zip(case['maps'], maps)):
        ours = np.fromfile(os.path.join(folder, f'{name}.f32'), '<f4')
        if case.get('norms'):
            norm = getattr(backbone, f'norm{index}')
            rows = torch.from_numpy(ours).reshape(-1, len(norm.weight))
            ours = F.layer_norm(rows, rows.shape[1:], norm.weight, norm.bias, norm.eps).detach().numpy().ravel()
        theirs = found.permute(0, 2, 3, 1).numpy().ravel()
        differences[name] = float(np.abs(theirs - ours).max() / np.abs(ours).max()) if len(theirs) == len(ours) else None
    return {'unfilled': unfilled, 'differences': differences}


def main():
    sys.meta_path.insert(0, CompiledOperators())
    without_transformers()
    folder = sys.argv[1]
    print(json.dumps({name: checked(os.path.join(folder, name)) for name in sorted(os.listdir(folder))}))


if __name__ == '__main__':
    main()
