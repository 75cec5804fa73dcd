"""timm's ResNet, which takes images of any size."""
import timm
import torch

CHANNELS_FIRST = True


def build(case):
    options = case['options']
    kwargs = {key: options[key] for key in ('num_classes', 'drop_path_rate', 'drop_rate')}
    model = timm.create_model(case['timm']['name'], **{**kwargs, **case['timm']['kwargs']})
    for module in model.modules():
        if isinstance(module, torch.nn.BatchNorm2d) and 'bn_eps' in options:
            module.eps = options['bn_eps']
    return model


def intermediates(model):
    return [f'layer{stage}' for stage in range(1, 5)]
