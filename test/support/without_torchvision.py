"""Declares the names of torchvision's operators where torchvision's compiled part can't load (a CPU-only PyTorch beside
a CUDA one). It must be imported before timm."""
import torch

try:
    import torchvision  # noqa: F401
except RuntimeError:
    _library = torch.library.Library('torchvision', 'DEF')
    for _signature in (
        'nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor',
        'qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor',
        'roi_align(Tensor input, Tensor rois, float spatial_scale, SymInt pooled_height, SymInt pooled_width, int sampling_ratio, bool aligned) -> Tensor',
    ):
        _library.define(_signature)
