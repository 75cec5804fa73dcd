/** The runs that the pictures show, as arguments of the command line. */

const EPOCHS = '8';

export const training = (name, preset) => [
  'train',
  '--dataset',
  'sign-digits',
  '--model',
  'resnet_micro',
  '--size',
  '64',
  '--epochs',
  EPOCHS,
  '--preset',
  preset,
  '--name',
  name,
];

export const PRETRAINED = 'signs, masked autoencoder';
export const PRETRAINING = [
  '--dataset',
  'sign-digits',
  '--task',
  'mae',
  '--model',
  'mae_vit_micro_patch4',
  '--size',
  '32',
  '--epochs',
  EPOCHS,
];

/**
 * The runs that the transfer screen compares: two fine-tuned ones, a probe, and the same classifier from random
 * weights.
 */
export const TUNED = 'signs, fine-tuned';
export const TRANSFERS = [
  ['--init', PRETRAINED, '--name', TUNED],
  ['--init', PRETRAINED, '--seed', '1', '--name', `${TUNED}, seed 1`],
  ['--init', PRETRAINED, '--task', 'probe', '--name', 'signs, linear probe'],
  ['--model', 'deit_micro', '--preset', 'finetune-mae', '--name', 'signs, from random weights'],
].map((args) => ['train', '--dataset', 'sign-digits', '--epochs', EPOCHS, '--batch', '32', ...args]);

/** A search small enough for a picture, with three stages of three sizes. */
export const SEARCHING = [
  ...['search', '--dataset', 'sign-digits', '--model', 'resnet_micro', '--size', '32', '--stages', '3'],
  ...['--candidates', '16,24,32', '--epochs', EPOCHS, '--batch', '32', '--name', 'signs, two thirds of the compute'],
];

/** Studies small enough for a picture: of training at three radii, and of the checkpoints of the run named first. */
export const STUDYING = [
  [
    ...['study', 'frequency', '--dataset', 'sign-digits', '--model', 'resnet_micro', '--size', '32'],
    ...['--radii', '2,4,8', '--epochs', EPOCHS, '--batch', '32', '--set', 'eval.every=0.5'],
  ],
  ['study', 'checkpoints', 'signs, EfficientTrain++', '--radii', '4,8,16'],
];

export const INTERRUPTED = 'signs, constant, seed 1';
