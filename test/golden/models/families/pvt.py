"""PVT v1 from transformers (PvtForImageClassification), with its authors' names and with the differences of their code.

timm has only the second version. transformers' network differs in these points: it has one epsilon for all norms (the
authors keep PyTorch's default after the patches and after the reduction), separate layers for keys and values,
positions that fit only one size, and other initial values of convolutions. All computation is the library's, except the
resampling of positions, which is PyTorch's F.interpolate.
"""
import types

import torch
from timm.layers import DropPath, trunc_normal_
from torch import nn
from torch.nn import functional as F
from transformers import PvtConfig, PvtForImageClassification

CHANNELS_FIRST = False
VARIANTS = {
    'pvt_tiny': [2, 2, 2, 2],
    'pvt_small': [3, 4, 6, 3],
    'pvt_medium': [3, 4, 18, 3],
    'pvt_large': [3, 8, 27, 3],
}
PUBLISHED = {'dims': [64, 128, 320, 512], 'heads': [1, 2, 5, 8], 'patches': [4, 2, 2, 2], 'ratios': [8, 8, 4, 4], 'reductions': [8, 4, 2, 1]}
MICRO = {'dims': [32, 64, 96, 128], 'heads': [1, 2, 3, 4], 'patches': [2, 2, 2, 1], 'ratios': [4, 4, 4, 4], 'reductions': [4, 2, 1, 1]}


class Half(nn.Module):
    """Applies some rows of another linear layer, which keeps its parameters."""

    def __init__(self, whole, first, count):
        super().__init__()
        self.whole, self.rows = [whole], slice(first, first + count)

    def forward(self, x):
        return F.linear(x, self.whole[0].weight[self.rows], self.whole[0].bias[self.rows])


class Branches(nn.Module):
    """Holds a drop path for each branch of a block, in place of the one that both share."""

    def __init__(self, rate):
        super().__init__()
        self.attention, self.perceptron = DropPath(rate), DropPath(rate)
        self.calls = 0

    def forward(self, x):
        self.calls += 1
        return self.attention(x) if self.calls % 2 else self.perceptron(x)


def resized(side):
    """Returns a replacement for interpolate_pos_encoding that resamples from the stored table's grid."""

    def interpolate(_, embeddings, height, width):
        grid = embeddings.reshape(1, side, side, -1).permute(0, 3, 1, 2)
        return F.interpolate(grid, size=(height, width), mode='bilinear', align_corners=False).flatten(2).transpose(1, 2)

    return interpolate


def group(**children):
    module = nn.Module()
    for name, child in children.items():
        module.add_module(name, child)
    return module


def corrected_block(layer):
    """Changes a block of transformers in place, and returns it with the authors' names."""
    attention, dim = layer.attention.self, layer.attention.self.hidden_size
    kv = nn.Linear(dim, 2 * dim)
    trunc_normal_(kv.weight, std=0.02)
    nn.init.zeros_(kv.bias)
    attention.key, attention.value = Half(kv, 0, dim), Half(kv, dim, dim)
    reduction = {}
    if attention.sequences_reduction_ratio > 1:
        attention.layer_norm.eps = 1e-5
        attention.sequence_reduction.reset_parameters()
        reduction = {'sr': attention.sequence_reduction, 'norm': attention.layer_norm}
    if not isinstance(layer.drop_path, nn.Identity):
        layer.drop_path = Branches(layer.drop_path.drop_prob)
    return group(
        norm1=layer.layer_norm_1,
        attn=group(q=attention.query, kv=kv, proj=layer.attention.output.dense, **reduction),
        drop_path=layer.drop_path,
        norm2=layer.layer_norm_2,
        mlp=group(fc1=layer.mlp.dense1, fc2=layer.mlp.dense2),
    )


class Pvt(nn.Module):
    def __init__(self, name, img_size, num_classes, drop_path_rate, drop_rate):
        super().__init__()
        shape, depths = (PUBLISHED, VARIANTS[name]) if name in VARIANTS else (MICRO, [1, 1, 2, 1])
        config = PvtConfig(
            image_size=img_size, depths=depths, hidden_sizes=shape['dims'], num_attention_heads=shape['heads'],
            patch_sizes=shape['patches'], strides=shape['patches'], mlp_ratios=shape['ratios'],
            sequence_reduction_ratios=shape['reductions'], drop_path_rate=drop_path_rate, num_labels=max(num_classes, 1),
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, qkv_bias=True, layer_norm_eps=1e-6,
        )
        whole = PvtForImageClassification(config)
        # In a list the network is not a child module, so that parameters are registered only with the authors' names.
        self.whole, self.drop_rate, self.num_features = [whole.pvt], drop_rate, shape['dims'][-1]
        encoder, side = whole.pvt.encoder, img_size
        for index, (embedding, patch, dim) in enumerate(zip(encoder.patch_embeddings, shape['patches'], shape['dims'], strict=True)):
            side //= patch
            embedding.layer_norm.eps = 1e-5
            embedding.projection.reset_parameters()
            table = torch.zeros(1, side * side + (embedding.cls_token is not None), dim)
            embedding.position_embeddings = nn.Parameter(trunc_normal_(table, std=0.02))
            embedding.interpolate_pos_encoding = types.MethodType(resized(side), embedding)
            self.register_parameter(f'pos_embed{index + 1}', embedding.position_embeddings)
        self.register_parameter('cls_token', encoder.patch_embeddings[-1].cls_token)
        for index, (embedding, layers) in enumerate(zip(encoder.patch_embeddings, encoder.block, strict=True)):
            self.add_module(f'patch_embed{index + 1}', group(proj=embedding.projection, norm=embedding.layer_norm))
            self.add_module(f'block{index + 1}', nn.Sequential(*[corrected_block(layer) for layer in layers]))
        self.norm = encoder.layer_norm
        self.head = whole.classifier if num_classes else nn.Identity()

    def train(self, mode=True):
        self.whole[0].train(mode)
        return super().train(mode)

    def no_weight_decay(self):
        return {'cls_token'}

    def forward_features(self, x):
        """Returns normalised tokens, the class token first."""
        return self.whole[0](x).last_hidden_state

    def maps(self, x):
        """Returns the map after each stage, [N, H, W, C], by the name of its blocks."""
        behind = self.whole[0](x, output_hidden_states=True).hidden_states
        found, last = {}, -1
        for stage in range(1, 5):
            last += len(self.get_submodule(f'block{stage}'))
            tokens = behind[last][:, 1 if stage == 4 else 0 :]
            side = int(tokens.shape[1] ** 0.5)
            found[f'block{stage}'] = tokens.reshape(len(x), side, side, -1)
        return found

    def forward_head(self, tokens):
        return self.head(F.dropout(tokens[:, 0], self.drop_rate, self.training))

    def forward(self, x):
        return self.forward_head(self.forward_features(x))


def build(case):
    options = case['options']
    return Pvt(case['id'], *[options[name] for name in ('img_size', 'num_classes', 'drop_path_rate', 'drop_rate')])


def intermediates(_):
    return []
