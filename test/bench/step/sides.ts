/**
 * Starts both sides of a training step as processes: ours, and PyTorch with each of the settings that could be its
 * best.
 */
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { peerPython } from '../../support/peer-python.mjs';
import { bundled } from '../support/bundle.mjs';
import { Side } from '../support/side';
import type { StepCase } from './ours';

export const THREADS = Math.min(2, cpus().length);

export interface BenchModel {
  id: string;
  batch: number;
  /** `family`: a family of the zoo, measured by `--family`. */
  kind: 'deit' | 'resnet' | 'mae' | 'family';
  /** Whether PyTorch may be faster with the channels last. */
  convolutional?: boolean;
  /** Side of the loader's images, and sides of the model's input. */
  size: number;
  bandwidths: readonly number[];
}

const WHOLE = { size: 224, bandwidths: [96, 128, 160, 192, 224] };
const FAMILY = { kind: 'family', size: 224, bandwidths: [96, 160, 224] } as const;

export const MODELS: readonly BenchModel[] = [
  { id: 'deit_tiny_patch16_224', batch: 16, kind: 'deit', ...WHOLE },
  { id: 'deit_small_patch16_224', batch: 8, kind: 'deit', ...WHOLE },
  { id: 'resnet18', batch: 16, kind: 'resnet', convolutional: true, ...WHOLE },
  { id: 'resnet50', batch: 8, kind: 'resnet', convolutional: true, ...WHOLE },
  { id: 'mae_vit_small_patch16', batch: 8, kind: 'mae', size: 224, bandwidths: [96, 160, 224] },
  { id: 'mae_vit_micro_patch4', batch: 64, kind: 'mae', size: 32, bandwidths: [16, 24, 32] },
  { id: 'convnext_tiny', batch: 8, convolutional: true, ...FAMILY },
  { id: 'caformer_s18', batch: 8, convolutional: true, ...FAMILY },
  { id: 'swin_tiny_patch4_window7_224', batch: 8, ...FAMILY },
  { id: 'cswin_tiny', batch: 8, convolutional: true, ...FAMILY },
  { id: 'pvt_small', batch: 8, convolutional: true, ...FAMILY },
  { id: 'pvt_v2_b0', batch: 8, convolutional: true, ...FAMILY },
  { id: 'vit_small_patch16_224', batch: 8, ...FAMILY },
];

/** Returns the sides of a model's cases. @param asked the command line's; none means all */
export const sizes = ({ bandwidths }: BenchModel, asked: readonly string[]): number[] =>
  bandwidths.filter((size) => !asked.length || asked.includes(String(size)));

/**
 * Returns the models. @param asked the command line's; none means all of the zoo's families, or all others @param
 * family whether `--family` is given
 */
export const models = (asked: readonly string[], family: boolean): BenchModel[] =>
  MODELS.filter(({ id, kind }) => (asked.length ? asked.includes(id) : (kind === 'family') === family));

export interface PeerOptions {
  /** Whether torch.compile is measured, too. */
  compile?: boolean;
  /** A library that is loaded first in a further setting, such as another allocator. */
  preload?: string | undefined;
  /** Whether both sides multiply in bfloat16. */
  autocast?: boolean;
}

export async function startSides(
  { id: model, batch, convolutional = false, size }: BenchModel,
  bandwidth: number,
  { compile = false, preload, autocast = false }: PeerOptions = {},
): Promise<[Side, Side[]]> {
  const common: StepCase = { model, bandwidth, size, batch, threads: THREADS, autocast };
  const bundle = await bundled(join(import.meta.dirname, 'ours.ts'));
  const runner = join(import.meta.dirname, '..', 'support', 'run-bundled.mjs');
  const ours = Side.start('ours', process.execPath, [runner, bundle, JSON.stringify(common)]);
  const eager = [
    { name: 'plain', channels_last: false, compile: false },
    ...(convolutional ? [{ name: 'channels-last', channels_last: true, compile: false }] : []),
  ];
  const variants = [
    ...eager.map((variant) => ({ ...variant, env: {} })),
    ...(compile ? [{ name: 'compiled', channels_last: convolutional, compile: true, env: {} }] : []),
    ...(preload === undefined
      ? []
      : eager.map((variant) => ({
          ...variant,
          name: `${variant.name}, ${basename(preload)}`,
          env: { LD_PRELOAD: preload },
        }))),
  ];
  const peers = variants.map(({ name, env, ...settings }) => {
    const text = JSON.stringify({ ...common, ...settings });
    return Side.start(name, peerPython(), [join(import.meta.dirname, 'peer.py'), text], env);
  });
  return [ours, peers];
}
