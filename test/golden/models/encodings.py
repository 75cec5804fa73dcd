"""Computes timm's features and intermediate results of the micro models, for encodings.test.ts.

    python encodings.py cases/vit.json encodings/vit.json

It needs torch==2.13.0, timm and numpy. Weights and images come from the formula in reference.py. Each tensor is stored
as its norm, some elements and some random projections; feature maps are in the order N, H, W, C. The maps of
hierarchical networks are those of timm's features_only. They are checked against the outputs of the stages in a whole
pass.
"""
import copy
import json
import sys

import torch

from reference import build, family_of, fill, images_of, summary, MEAN, STD, np
from timm.models._features import FeatureListNet


def hooked(model, names):
    """Returns a dictionary that the next forward pass fills with the modules' outputs."""
    outputs = {}
    for name in names:
        model.get_submodule(name).register_forward_hook(lambda _, __, output, name=name: outputs.__setitem__(name, output))
    return outputs


def features_only(model, x, count):
    """Returns the last `count` maps as `timm.create_model(..., features_only=True)` does."""
    modules = [info['module'] for info in model.feature_info]
    wanted = tuple(range(len(modules)))[-count:]
    # timm flattens models whose stages are in a container.
    network = FeatureListNet(copy.deepcopy(model), out_indices=wanted, flatten_sequential='.' in modules[-1])
    return network.eval()(x)


def encodings(case, pool):
    torch.manual_seed(0)
    changed = {'num_classes': 0, **({'global_pool': pool} if pool else {})}
    made = case['timm'] and {**case['timm'], 'kwargs': {**case['timm']['kwargs'], **changed}}
    model = build({**case, 'options': {**case['options'], 'num_classes': 0}, 'timm': made})
    fill(case, model)
    model.eval()
    family = family_of(case)
    outputs = hooked(model, family.intermediates(model))
    pixels = (images_of('forward', case['batch'], case['size']).astype(np.float32) / np.float32(255) - MEAN) / STD
    x = torch.from_numpy(np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).astype(np.float32))
    with torch.no_grad():
        tokens = model.forward_features(x)
        found = {'features': model.forward_head(tokens)}
        # Some networks' maps are not the output of a module.
        outputs.update(model.maps(x) if hasattr(model, 'maps') else {})
    if case['family'] in ('vit', 'pvt'):
        # With mean pooling, timm normalises the pooled vector, not the tokens.
        mean = found['features'] if pool == 'avg' else tokens[:, 1:].mean(1)
        found.update(outputs, tokens=tokens, cls=tokens[:, 0], mean=mean)
    else:
        if hasattr(model, 'feature_info'):
            with torch.no_grad():
                maps = features_only(model, x, len(outputs))
            assert all(torch.equal(own, output) for own, output in zip(maps, outputs.values(), strict=True)), case['id']
        found.update({name: output.permute(0, 2, 3, 1) if family.CHANNELS_FIRST else output for name, output in outputs.items()})
    return {
        'parameters': [[name, list(value.shape)] for name, value in model.state_dict().items() if not name.endswith('num_batches_tracked')],
        'found': {name: {'shape': list(value.shape), **summary(name, value.contiguous())} for name, value in found.items()},
    }


def main():
    with open(sys.argv[1]) as file:
        cases = [case for case in json.load(file) if 'batch' in case]
    results = [
        {'id': case['id'], 'global_pool': pool, **encodings(case, pool)}
        for case in cases
        for pool in (('token', 'avg') if case['family'] == 'vit' else (None,))
    ]
    with open(sys.argv[2], 'w') as file:
        file.write('[\n' + ',\n'.join(json.dumps(result, separators=(',', ':')) for result in results) + '\n]\n')


main()
