"""Builds what the configurations of docs/transfer.md describe, and passes an image through it.

    python build_configurations.py docs/transfer.md

Every block of Python in the page that has a backbone is merged with the base of the toolbox that its section names, as a
configuration file does it: detectors give the backbone's maps to their neck, segmenters to both heads. Weights are left out:
load_backbones.py loads those. One line of JSON is printed: [section, base, type of the backbone, widths of its maps] for each.

Needs what load_backbones.py needs.
"""
import importlib
import json
import os
import re
import sys
import tempfile

import torch

import load_backbones

SIZE = 224
DETECTORS = ['mask-rcnn_r50_fpn', 'cascade-mask-rcnn_r50_fpn', 'retinanet_r50_fpn']
SECTIONS = {'Mask R-CNN, Cascade Mask R-CNN and RetinaNet': ('mmdet', DETECTORS), 'UperNet': ('mmseg', ['upernet_swin'])}


def blocks(page):
    """(section, code) of every block of Python with a backbone."""
    for section in re.split(r'^## ', page, flags=re.M)[1:]:
        title, _, text = section.partition('\n')
        for code in re.findall(r'^```python\n(.*?)^```', text, flags=re.M | re.S):
            if 'backbone=dict(' in code:
                yield title, code


def merged(package, base, code):
    """The configuration of a block on top of a base of the toolbox."""
    from mmengine.config import Config

    folder = os.path.join(os.path.dirname(importlib.import_module(package).__file__), '.mim', 'configs', '_base_', 'models')
    with tempfile.TemporaryDirectory() as temporary:
        path = os.path.join(temporary, 'configuration.py')
        with open(path, 'w') as file:
            file.write(f'_base_ = [{os.path.join(folder, base + ".py")!r}]\n{code}')
        return Config.fromfile(path)


def on_one_device(part):
    """Batch norms over several devices become those of one."""
    if isinstance(part, dict):
        return {key: 'BN' if key == 'type' and value == 'SyncBN' else on_one_device(value) for key, value in part.items()}
    return [on_one_device(value) for value in part] if isinstance(part, (list, tuple)) else part


def without_weights(backbone):
    backbone = {key: value for key, value in backbone.items() if key not in ('init_cfg', 'pretrained_cfg_overlay')}
    return {**backbone, 'pretrained': False} if 'pretrained' in backbone and 'model_name' in backbone else backbone


def built(package, base, code):
    """Widths of the backbone's maps, all of which the neck or the heads have taken."""
    config = merged(package, base, code)
    importlib.import_module(f'{package}.models')
    registry = importlib.import_module(f'{package}.registry').MODELS

    def part(settings):
        # Swin's own `eval` does not give the module back.
        module = registry.build(settings)
        module.eval()
        return module

    backbone = part(without_weights(on_one_device(config.model.backbone)))
    followers = [part(on_one_device(config.model[name])) for name in ('neck', 'decode_head', 'auxiliary_head') if config.model.get(name)]
    assert followers, f'{base} has neither a neck nor a head'
    with torch.no_grad():
        maps = backbone(torch.zeros(1, 3, SIZE, SIZE))
        for follower in followers:
            follower(maps)
    assert [each.shape[-1] for each in maps] == [SIZE // 4, SIZE // 8, SIZE // 16, SIZE // 32], f'{base}: {[each.shape for each in maps]}'
    return [each.shape[1] for each in maps]


def main():
    sys.meta_path.insert(0, load_backbones.CompiledOperators())
    load_backbones.without_transformers()
    load_backbones.without_deformable_attention()
    with open(sys.argv[1], encoding='utf8') as file:
        found = list(blocks(file.read()))
    print(
        json.dumps(
            [
                [title, base, re.search(r"type='([\w.]+)'", code).group(1), built(SECTIONS[title][0], base, code)]
                for title, code in found
                for base in SECTIONS[title][1]
            ]
        )
    )


if __name__ == '__main__':
    main()
