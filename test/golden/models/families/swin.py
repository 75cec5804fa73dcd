"""timm's Swin, trained at several sizes with one table of relative positions for each block.

timm builds the network for one size, and replaces the tables for another. Here each other size has a network of its
own, with as many windows as at the final size. It is called with the parameters of the network for the final size. The
tables are resampled as Swin's authors do for fine-tuning (bicubic, without antialiasing), so that gradients reach the
stored tables.
"""
import timm
import torch
import torch.nn.functional as F

CHANNELS_FIRST = False
TABLE = 'relative_position_bias_table'


def window_at(case, size):
    kwargs = case['timm']['kwargs']
    return size // (kwargs.get('patch_size', 4) * 2 ** (len(kwargs.get('depths', (2, 2, 6, 2))) - 1))


def create(case, size):
    options = case['options']
    kwargs = {key: options[key] for key in ('num_classes', 'drop_path_rate', 'drop_rate')}
    return timm.create_model(case['timm']['name'], **{**kwargs, **case['timm']['kwargs']}, img_size=size, window_size=window_at(case, size))


def resampled(table, to):
    """Resamples a table [(2a - 1)^2, heads] -> [(2b - 1)^2, heads]."""
    heads = table.shape[1]
    side, wanted = round(table.shape[0] ** 0.5), 2 * to - 1
    grid = table.permute(1, 0).reshape(1, heads, side, side)
    return F.interpolate(grid, size=(wanted, wanted), mode='bicubic', align_corners=False).reshape(heads, -1).permute(1, 0)


def build(case):
    model = create(case, case['options']['img_size'])
    plain, built = type(model), {}

    class ForAllSizes(plain):
        def forward(self, x):
            size = x.shape[-1]
            if size == case['options']['img_size']:
                return super().forward(x)
            if size not in built:
                built[size] = create(case, size)
            other = built[size].train(self.training)
            named = {name: resampled(value, window_at(case, size)) if name.endswith(TABLE) else value for name, value in self.named_parameters()}
            return torch.func.functional_call(other, named, (x,))

    model.__class__ = ForAllSizes
    return model


def intermediates(model):
    return [f'layers.{stage}' for stage in range(len(model.layers))]
