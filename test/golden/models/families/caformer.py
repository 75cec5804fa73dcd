"""timm's CAFormer, which takes images of any size. The micro variant is built from timm's parts, because timm's
functions accept neither other depths nor another stem."""
import timm
import torch
from timm.models.metaformer import Attention, LayerNorm2dNoBias, LayerNormNoBias, MetaFormer, SepConv

CHANNELS_FIRST = True


def micro(**kwargs):
    dims = (32, 64, 128, 256)
    mixers, norms = (SepConv, SepConv, Attention, Attention), (LayerNorm2dNoBias,) * 2 + (LayerNormNoBias,) * 2
    model = MetaFormer(depths=(1, 1, 2, 1), dims=dims, token_mixers=mixers, norm_layers=norms, **kwargs)
    # timm's stem shrinks images by four. At 32 px the last stage would get a map of 1 x 1.
    model.stem.conv = torch.nn.Conv2d(3, dims[0], kernel_size=3, stride=2, padding=1)
    model._init_weights(model.stem.conv)
    return model


def build(case):
    options = case['options']
    kwargs = {key: options[key] for key in ('num_classes', 'drop_path_rate')}
    if case['timm'] is None:
        model = micro(**kwargs)
    else:
        model = timm.create_model(case['timm']['name'], **{**kwargs, **case['timm']['kwargs']})
    if options['num_classes'] > 0:
        # The authors drop before the last layer (sail-sg/metaformer, MlpHead); timm's drop_rate acts on the features.
        model.head.fc.head_drop = torch.nn.Dropout(options['drop_rate'])
        model.dropout_width = model.head.fc.fc2.in_features
    return model


def intermediates(model):
    return [f'stages.{stage}' for stage in range(len(model.stages))]
