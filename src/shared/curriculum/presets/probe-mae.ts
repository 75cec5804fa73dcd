import type { Preset } from '../preset';
import { sizeOfVit } from '../vit-size';

export const preset: Preset = {
  id: 'probe-mae',
  title: 'MAE linear probe: LARS, crops and flips only, 90 epochs (large and huge: 50)',
  citation: 'He et al., Masked Autoencoders Are Scalable Vision Learners, CVPR 2022 (arXiv 2111.06377), appendix A.1',
  share_of: 'compute',
  stages: [{ bandwidth: 'final', magnitude: 0, share: 1 }],
  task: 'probe',
  // The values are from table 10. The batch is 16384 there; learning rates scale with the batch used.
  recipe: (model) => ({
    epochs: sizeOfVit(model) === 'base' ? 90 : 50,
    fields: {
      'data.scale': [0.08, 1],
      'data.hflip': 0.5,
      'data.color_jitter': 0,
      'data.auto_augment': 'none',
      'data.reprob': 0,
      'data.mixup': 0,
      'data.cutmix': 0,
      'data.label_smoothing': 0,
      'model_args.drop_path_rate': 0,
      'model_args.drop_rate': 0,
      'optimizer.name': 'lars',
      'optimizer.eps': 1e-8,
      'optimizer.base_lr': 0.1,
      'optimizer.base_batch': 256,
      'optimizer.min_lr': 0,
      'optimizer.warmup_lr': 0,
      'optimizer.warmup': { unit: 'first_stage_passes', value: 10 },
      'optimizer.weight_decay': 0,
      'optimizer.momentum': 0.9,
      'optimizer.trust_coefficient': 0.001,
      'optimizer.layer_decay': null,
      'optimizer.clip_grad_norm': null,
      'ema.decay': null,
    },
  }),
};
