"""timm's PVT v2, which takes images of any size."""
import timm

CHANNELS_FIRST = True


def build(case):
    options = case['options']
    kwargs = {key: options[key] for key in ('num_classes', 'drop_path_rate', 'drop_rate')}
    return timm.create_model(case['timm']['name'], **{**kwargs, **case['timm']['kwargs']})


def intermediates(model):
    return [f'stages.{stage}' for stage in range(len(model.stages))]
