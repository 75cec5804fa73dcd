"""CSWin (Dong et al., CVPR 2022) for its golden numbers. timm doesn't have it, so this is written from the paper, with
the names of its authors' released weights. Stripes depend on the image: they have a fixed width in the first stages,
then half the map's, then the whole map's."""
import math

import torch
import torch.nn.functional as F
from timm.layers import DropPath
from torch import nn

CHANNELS_FIRST = False


class Embed(nn.Sequential):
    """The stem: a convolution, conversion to tokens and a layer norm. Its parts with parameters are numbered 0 and 2.
    """

    def __init__(self, stride, dim):
        super().__init__(nn.Conv2d(3, dim, 7, stride, math.ceil((7 - stride) / 2)), nn.Identity(), nn.LayerNorm(dim))

    def forward(self, x):
        return self[2](self[0](x).flatten(2).transpose(1, 2))


class Merge(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.conv = nn.Conv2d(dim // 2, dim, 3, 2, 1)
        self.norm = nn.LayerNorm(dim)

    def forward(self, x):
        side = math.isqrt(x.shape[1])
        image = x.transpose(1, 2).unflatten(2, (side, side))
        return self.norm(self.conv(image).flatten(2).transpose(1, 2))


class Stripes(nn.Module):
    """Computes softmax(q k' / sqrt(d)) v + LePE(v) in stripes of `height` x `width` tokens."""

    def __init__(self, dim, heads):
        super().__init__()
        self.heads = heads
        self.get_v = nn.Conv2d(dim, dim, 3, padding=1, groups=dim)

    def mix(self, q, k, v):
        """Computes attention of q, k and v, each [stripes, heads, tokens, d] -> the same shape."""
        return (q @ k.transpose(2, 3) * q.shape[-1] ** -0.5).softmax(-1) @ v

    def forward(self, q, k, v, height, width):
        batch, length, dim = v.shape
        side = math.isqrt(length)
        down, across = side // height, side // width

        def cut(x):
            """Rearranges [N, L, C] -> [N * stripes, height, width, C]."""
            return x.view(batch, down, height, across, width, dim).permute(0, 1, 3, 2, 4, 5).reshape(-1, height, width, dim)

        def by_head(x):
            return cut(x).flatten(1, 2).unflatten(2, (self.heads, dim // self.heads)).transpose(1, 2)

        mixed = self.mix(by_head(q), by_head(k), by_head(v)).transpose(1, 2).flatten(2)
        positions = self.get_v(cut(v).permute(0, 3, 1, 2)).permute(0, 2, 3, 1).flatten(1, 2)
        both = (mixed + positions).view(batch, down, across, height, width, dim)
        return both.permute(0, 1, 3, 2, 4, 5).reshape(batch, length, dim)


class Perceptron(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.fc1 = nn.Linear(dim, 4 * dim)
        self.fc2 = nn.Linear(4 * dim, dim)

    def forward(self, x):
        return self.fc2(F.gelu(self.fc1(x)))


class Block(nn.Module):
    def __init__(self, dim, heads, stripe, drop_path):
        super().__init__()
        self.stripe = stripe
        branches = 1 if stripe == 'all' else 2
        self.norm1 = nn.LayerNorm(dim)
        self.qkv = nn.Linear(dim, 3 * dim)
        self.proj = nn.Linear(dim, dim)
        self.attns = nn.ModuleList(Stripes(dim // branches, heads // branches) for _ in range(branches))
        self.norm2 = nn.LayerNorm(dim)
        self.mlp = Perceptron(dim)
        self.drops = nn.ModuleList(DropPath(drop_path) if drop_path > 0 else nn.Identity() for _ in range(2))

    def attend(self, x):
        side = math.isqrt(x.shape[1])
        q, k, v = self.qkv(x).chunk(3, -1)
        if self.stripe == 'all':
            return self.proj(self.attns[0](q, k, v, side, side))
        width = side // 2 if self.stripe == 'half' else self.stripe
        first, second = zip(*(part.chunk(2, -1) for part in (q, k, v)))
        return self.proj(torch.cat([self.attns[0](*first, side, width), self.attns[1](*second, width, side)], -1))

    def forward(self, x):
        x = x + self.drops[0](self.attend(self.norm1(x)))
        return x + self.drops[1](self.mlp(self.norm2(x)))


class CSWin(nn.Module):
    def __init__(self, stride, dim, depths, heads, stripes, num_classes, drop_path_rate, drop_rate):
        super().__init__()
        rates = torch.linspace(0, drop_path_rate, sum(depths)).tolist()
        stripes = [*stripes, 'half', 'all']
        self.drop_rate = drop_rate
        self.stages = len(depths)
        self.num_features = dim * 2 ** (self.stages - 1)
        self.stage1_conv_embed = Embed(stride, dim)
        for stage, depth in enumerate(depths):
            width = dim * 2**stage
            if stage:
                self.add_module(f'merge{stage}', Merge(width))
            blocks = [Block(width, heads[stage], stripes[stage], rates.pop(0)) for _ in range(depth)]
            self.add_module(f'stage{stage + 1}', nn.Sequential(*blocks))
        self.norm = nn.LayerNorm(self.num_features)
        self.head = nn.Linear(self.num_features, num_classes) if num_classes else nn.Identity()
        for module in self.modules():
            if isinstance(module, nn.Linear):
                nn.init.trunc_normal_(module.weight, std=0.02)
                nn.init.zeros_(module.bias)

    def forward_features(self, x):
        x = self.stage1_conv_embed(x)
        for stage in range(self.stages):
            if stage:
                x = self.get_submodule(f'merge{stage}')(x)
            x = self.get_submodule(f'stage{stage + 1}')(x)
        return self.norm(x)

    def forward_head(self, x):
        return self.head(F.dropout(x.mean(1), self.drop_rate, self.training))

    def forward(self, x):
        return self.forward_head(self.forward_features(x))


def build(case):
    options = case['options']
    return CSWin(**case['network'], **{key: options[key] for key in ('num_classes', 'drop_path_rate', 'drop_rate')})


def intermediates(model):
    return [f'stage{stage + 1}' for stage in range(model.stages)]
