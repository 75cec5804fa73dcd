"""Builds PyTorch's side of the zoo's families in the step bench, each network for the size that it is called with. timm
has all but two. PVT v1 is transformers' PvtForImageClassification. CSWin is the model of the golden numbers, written
from the paper, with attention by torch's scaled_dot_product_attention."""
import os
import sys

import timm
from torch import nn
from torch.nn.functional import scaled_dot_product_attention

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), '..', '..', 'golden', 'models'))
from families import cswin  # noqa: E402

SIZED = ('deit', 'vit')
PVT = {
    'pvt_tiny': [2, 2, 2, 2],
    'pvt_small': [3, 4, 6, 3],
    'pvt_medium': [3, 4, 18, 3],
    'pvt_large': [3, 8, 27, 3],
}


class FusedStripes(cswin.Stripes):
    """Attention in stripes whose scores are never stored."""

    def mix(self, q, k, v):
        return scaled_dot_product_attention(q, k, v)


class Pvt(nn.Module):
    def __init__(self, depths, side):
        super().__init__()
        from transformers import PvtConfig, PvtForImageClassification

        config = PvtConfig(
            image_size=side, depths=depths, hidden_sizes=[64, 128, 320, 512], num_attention_heads=[1, 2, 5, 8], patch_sizes=[4, 2, 2, 2],
            strides=[4, 2, 2, 2], mlp_ratios=[8, 8, 4, 4], sequence_reduction_ratios=[8, 4, 2, 1], num_labels=1000, layer_norm_eps=1e-6,
            hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0, qkv_bias=True,
        )
        self.whole = PvtForImageClassification(config)

    def forward(self, x):
        return self.whole(x).logits


def create(name, side):
    """Builds the network `name` for images of `side` x `side` px and 1000 classes, without drop-path."""
    if name in PVT:
        return Pvt(PVT[name], side)
    if name == 'cswin_tiny':
        cswin.Stripes = FusedStripes
        return cswin.CSWin(4, 64, (1, 2, 21, 1), (2, 4, 8, 16), (1, 2), 1000, 0.0, 0.0)
    if name.startswith('swin'):
        return timm.create_model(name, img_size=side, window_size=side // 32)
    return timm.create_model(name, **({'img_size': side} if name.startswith(SIZED) else {}))
