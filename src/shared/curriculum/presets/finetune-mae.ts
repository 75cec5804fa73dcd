import { FULL_MAGNITUDE, type Preset } from '../preset';
import { sizeOfVit, type VitSize } from '../vit-size';

/** Table 9 and the authors' FINETUNE.md; sizes below the base one use its values. */
const BY_SIZE: Record<VitSize, { epochs: number; base_lr: number; layer_decay: number; drop_path_rate: number }> = {
  base: { epochs: 100, base_lr: 5e-4, layer_decay: 0.65, drop_path_rate: 0.1 },
  large: { epochs: 50, base_lr: 1e-3, layer_decay: 0.75, drop_path_rate: 0.2 },
  huge: { epochs: 50, base_lr: 1e-3, layer_decay: 0.75, drop_path_rate: 0.3 },
};

export const preset: Preset = {
  id: 'finetune-mae',
  title: 'MAE fine-tuning: the final size throughout, layer decay, 100 epochs (large and huge: 50)',
  citation: 'He et al., Masked Autoencoders Are Scalable Vision Learners, CVPR 2022 (arXiv 2111.06377), appendix A.1',
  share_of: 'compute',
  stages: [{ bandwidth: 'final', magnitude: FULL_MAGNITUDE, share: 1 }],
  task: 'classify',
  // The batch is 1024 there; learning rates scale with the batch used.
  recipe: (model) => {
    const { epochs, base_lr, layer_decay, drop_path_rate } = BY_SIZE[sizeOfVit(model)];
    return {
      epochs,
      fields: {
        'data.scale': [0.08, 1],
        'data.hflip': 0.5,
        'data.color_jitter': 0,
        'data.auto_augment': 'randaug',
        'data.reprob': 0.25,
        'data.mixup': 0.8,
        'data.cutmix': 1,
        'data.label_smoothing': 0.1,
        'model_args.drop_path_rate': drop_path_rate,
        'model_args.drop_rate': 0,
        'model_args.global_pool': 'avg',
        'model_args.head_init_std': 2e-5,
        'optimizer.name': 'adamw',
        'optimizer.eps': 1e-8,
        'optimizer.base_lr': base_lr,
        'optimizer.base_batch': 256,
        'optimizer.min_lr': 1e-6,
        'optimizer.warmup_lr': 0,
        'optimizer.warmup': { unit: 'first_stage_passes', value: 5 },
        'optimizer.weight_decay': 0.05,
        'optimizer.betas': [0.9, 0.999],
        'optimizer.layer_decay': layer_decay,
        'optimizer.clip_grad_norm': null,
        'ema.decay': null,
      },
    };
  },
};
