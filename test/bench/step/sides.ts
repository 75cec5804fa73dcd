/** Both sides of a training step as processes: ours, and PyTorch with each of the settings that could be its best. */
import { cpus } from 'node:os';
import { basename, join } from 'node:path';
import { peerPython } from '../../support/peer-python.mjs';
import { bundled } from '../support/bundle.mjs';
import { Side } from '../support/side';
import type { StepCase } from './ours';

export const THREADS = Math.min(2, cpus().length);
export const SIZE = 224;
const SIDES = [96, 128, 160, 192, 224];

/** @param asked as the command line has them; none is all */
export const sizes = (asked: readonly string[]): number[] =>
  SIDES.filter((size) => !asked.length || asked.includes(String(size)));

export interface BenchModel {
  id: string;
  batch: number;
  resnet: boolean;
}

export const MODELS: readonly BenchModel[] = [
  { id: 'deit_tiny_patch16_224', batch: 16, resnet: false },
  { id: 'deit_small_patch16_224', batch: 8, resnet: false },
  { id: 'resnet18', batch: 16, resnet: true },
  { id: 'resnet50', batch: 8, resnet: true },
];

/** @param asked as the command line has them; none is all */
export const models = (asked: readonly string[]): BenchModel[] => MODELS.filter(({ id }) => !asked.length || asked.includes(id));

export interface PeerOptions {
  /** Also with torch.compile. */
  compile?: boolean;
  /** Also with this library loaded first, such as another allocator. */
  preload?: string | undefined;
  /** Both sides' products in bfloat16. */
  autocast?: boolean;
}

export async function startSides(
  { id: model, batch, resnet }: BenchModel,
  bandwidth: number,
  { compile = false, preload, autocast = false }: PeerOptions = {},
): Promise<[Side, Side[]]> {
  const common: StepCase = { model, bandwidth, size: SIZE, batch, threads: THREADS, autocast };
  const bundle = await bundled(join(import.meta.dirname, 'ours.ts'));
  const runner = join(import.meta.dirname, '..', 'support', 'run-bundled.mjs');
  const ours = Side.start('ours', process.execPath, [runner, bundle, JSON.stringify(common)]);
  const eager = [
    { name: 'plain', channels_last: false, compile: false },
    ...(resnet ? [{ name: 'channels-last', channels_last: true, compile: false }] : []),
  ];
  const variants = [
    ...eager.map((variant) => ({ ...variant, env: {} })),
    ...(compile ? [{ name: 'compiled', channels_last: resnet, compile: true, env: {} }] : []),
    ...(preload === undefined
      ? []
      : eager.map((variant) => ({ ...variant, name: `${variant.name}, ${basename(preload)}`, env: { LD_PRELOAD: preload } }))),
  ];
  const peers = variants.map(({ name, env, ...settings }) => {
    const text = JSON.stringify({ ...common, ...settings });
    return Side.start(name, peerPython(), [join(import.meta.dirname, 'peer.py'), text], env);
  });
  return [ours, peers];
}
