"""Builds PyTorch's side of a pre-training step: a masked autoencoder written from the paper (He et al., CVPR 2022, sec.
3) on timm's blocks, whose attention is torch's scaled_dot_product_attention. For speed it embeds only the visible
patches, as ours does; the published code embeds all and drops three quarters."""
from functools import partial

import torch
from timm.data import IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD
from timm.models.vision_transformer import Block
from torch import nn

from low_frequency_crop import crop_matrix, low_frequency_crop

MASK_RATIO = 0.75
# For each model: patch; width, depth and heads of the encoder; width, depth and heads of the decoder.
VARIANTS = {
    'mae_vit_micro_patch4': (4, (64, 4, 2), (32, 2, 2)),
    'mae_vit_small_patch16': (16, (384, 12, 6), (512, 8, 16)),
    'mae_vit_base_patch16': (16, (768, 12, 12), (512, 8, 16)),
}


def sin_cos(side, width):
    """Returns positions [1, 1 + side^2, width]: sines and cosines of the column in the first half, of the row in the
    second, and zeros for the class token."""
    quarter = width // 4
    frequency = 10000.0 ** (-torch.arange(quarter) / quarter)
    row, column = torch.meshgrid(torch.arange(side), torch.arange(side), indexing='ij')
    angles = [place.reshape(-1, 1) * frequency for place in (column, row)]
    table = torch.cat([part for angle in angles for part in (angle.sin(), angle.cos())], 1)
    return torch.cat([torch.zeros(1, width), table])[None].float()


def blocks(width, depth, heads):
    return nn.Sequential(*(Block(width, heads, qkv_bias=True, norm_layer=partial(nn.LayerNorm, eps=1e-6)) for _ in range(depth)))


def patches_of(x, patch):
    """Cuts images into patches: [N, 3, S, S] -> [N, L, patch * patch * 3], each in the order row, column, channel."""
    count, _, size, _ = x.shape
    side = size // patch
    cut = x.reshape(count, 3, side, patch, side, patch)
    return cut.permute(0, 2, 4, 3, 5, 1).reshape(count, side * side, patch * patch * 3)


class MaskedAutoencoder(nn.Module):
    def __init__(self, name, size):
        super().__init__()
        patch, encoder, decoder = VARIANTS[name]
        self.patch, side, numbers = patch, size // patch, patch * patch * 3
        (width, _, _), (narrow, _, _) = encoder, decoder
        self.embed = nn.Linear(numbers, width)
        self.cls_token = nn.Parameter(0.02 * torch.randn(1, 1, width))
        self.register_buffer('positions', sin_cos(side, width))
        self.blocks, self.norm = blocks(*encoder), nn.LayerNorm(width, eps=1e-6)
        self.decoder_embed = nn.Linear(width, narrow)
        self.mask_token = nn.Parameter(0.02 * torch.randn(1, 1, narrow))
        self.register_buffer('decoder_positions', sin_cos(side, narrow))
        self.decoder_blocks, self.decoder_norm = blocks(*decoder), nn.LayerNorm(narrow, eps=1e-6)
        self.predict = nn.Linear(narrow, numbers)

    def forward(self, x, noise):
        """Returns the loss of each image [N]."""
        patches = patches_of(x, self.patch)
        count, length, numbers = patches.shape
        kept = int(length * (1 - MASK_RATIO))
        shuffled = noise.argsort(1)
        restore, visible = shuffled.argsort(1), shuffled[:, :kept]
        mask = (restore >= kept).float()
        rows = patches.gather(1, visible[:, :, None].expand(-1, -1, numbers))
        tokens = self.embed(rows) + self.positions[0, 1:][visible]
        tokens = torch.cat([self.cls_token.expand(count, -1, -1), tokens], 1)
        latent = self.decoder_embed(self.norm(self.blocks(tokens)))
        narrow = latent.shape[2]
        shown = torch.cat([latent[:, 1:], self.mask_token.expand(count, length - kept, -1)], 1)
        whole = shown.gather(1, restore[:, :, None].expand(-1, -1, narrow))
        decoded = self.decoder_blocks(torch.cat([latent[:, :1], whole], 1) + self.decoder_positions)
        prediction = self.predict(self.decoder_norm(decoded[:, 1:]))
        target = (patches - patches.mean(2, keepdim=True)) / (patches.var(2, keepdim=True) + 1e-6).sqrt()
        return (((prediction - target) ** 2).mean(2) * mask).sum(1) / mask.sum(1)


def pretraining(case):
    """Returns (step, evaluate): a training step with AdamW (fused), without clipping and EMA as published, and the loss
    of a batch."""
    side, size, batch = case['bandwidth'], case['size'], case['batch']
    device = case.get('device', 'cpu')
    model = MaskedAutoencoder(case['model'], side).to(device)
    forward = torch.compile(model) if case['compile'] else model
    plain = [p for name, p in model.named_parameters() if p.ndim <= 1]
    decayed = [p for name, p in model.named_parameters() if p.ndim > 1]
    groups = [{'params': decayed, 'weight_decay': 0.05}, {'params': plain, 'weight_decay': 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=1e-4, betas=(0.9, 0.95), fused=True)
    images = torch.randint(0, 256, (batch, 3, size, size), dtype=torch.uint8, device=device)
    views = torch.randint(0, 256, (batch, 3, side, side), dtype=torch.uint8, device=device)
    mean, std = (torch.tensor(values, device=device).view(1, 3, 1, 1) for values in (IMAGENET_DEFAULT_MEAN, IMAGENET_DEFAULT_STD))
    matrix = [part.to(device) for part in crop_matrix(size, side)] if side != size else None
    length = (side // model.patch) ** 2
    autocast = torch.autocast(device, dtype=torch.bfloat16, enabled=case['autocast'])

    def step():
        model.train()
        x = images.float() / 255
        if matrix is not None:
            x = low_frequency_crop(x, matrix)
        with autocast:
            loss = forward((x - mean) / std, torch.rand(batch, length, device=device)).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss.item()

    def evaluate():
        model.eval()
        x = (views.float() / 255 - mean) / std
        with torch.inference_mode(), autocast:
            return forward(x, torch.rand(batch, length, device=device)).tolist()

    return step, evaluate
