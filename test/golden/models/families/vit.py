"""timm's vision transformer, which resamples its position embeddings for images of another size."""
import timm

CHANNELS_FIRST = False


def build(case):
    options = case['options']
    kwargs = {key: options[key] for key in ('num_classes', 'drop_path_rate', 'drop_rate', 'img_size')}
    return timm.create_model(case['timm']['name'], **{**kwargs, **case['timm']['kwargs']}, dynamic_img_size=True)


def intermediates(model):
    return [f'blocks.{index}' for index in range(len(model.blocks))]
