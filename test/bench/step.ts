/**
 * Measures a training step and an evaluation, beside PyTorch + timm at its best settings for the same network, side by
 * side in one run.
 */
import { median, spread, type Table } from './support/samples';
import type { Side } from './support/side';
import { hasBfloat16 } from '../../src/main/services/doctor/cpu-features';
import { models, sizes, startSides, THREADS, type BenchModel, type PeerOptions } from './step/sides';

const ROUNDS = 5;
/** A turn has as many steps as fit into this time, at least one. */
const TURN_MS = 800;
/** Least quotients of PyTorch's time and ours. */
const FLOOR = { deit: 1.1, resnet: 0.95, mae: 1, family: 1, evaluation: 1, half: 0.85, familyHalf: 1 };

export const title = 'A training step';
export const peer = true;
export const notes = [
  `float32, ${THREADS} threads on each side, ${ROUNDS} rounds in which the sides take turns; a turn is as many steps as fit into ${TURN_MS / 1000} s. First steps, which build kernels, are left out. Both sides do`,
  'what a step of a real run does: uint8 images of 224 px to float, low-frequency crop, normalisation, mixup or cutmix, forward, backward, clipping, AdamW, EMA. PyTorch with its fused AdamW, EMA by `_foreach_lerp_`,',
  'the crop as two matrix products (faster than torch.fft), at the best of its settings (as they are, for convolutional networks also channels-last; with `--compile` also torch.compile, which takes a minute or two to start; with',
  '`--preload LIB` also with another allocator). Evaluation: uint8 images of the px given, normalised, forward, loss and right answers. Ratio: PyTorch’s time over ours, above 1 ours is faster.',
  'A masked autoencoder’s step: masks drawn, low-frequency crop, forward, backward and AdamW, as published without clipping and EMA; its evaluation is the loss on masked patches. The peer is',
  'written from the paper with timm’s blocks and embeds the visible patches only, as ours does (peer_mae.py); the micro model’s images are of 32 px.',
  'bfloat16, where the processor has units for it: `engine.autocast` beside torch.autocast, in the same rounds.',
].join('\n');

export interface Options extends PeerOptions {
  quick: boolean;
  family: boolean;
  size: string[];
  model: string[];
}

interface Turn {
  ms: number[];
}

/** Makes rounds of turns of all sides. @returns every measured time of each side */
async function rounds(
  sides: readonly Side[],
  request: 'steps' | 'evaluations',
  count: number,
): Promise<Map<Side, number[]>> {
  const times = new Map(sides.map((side): [Side, number[]] => [side, []]));
  const counts = new Map<Side, number>();
  for (const side of sides) {
    const { ms } = await side.ask<Turn>({ [request]: 3 });
    counts.set(side, Math.max(1, Math.round(TURN_MS / (ms.at(-1) as number))));
  }
  for (let round = 0; round < count; round++) {
    for (const side of sides) {
      const { ms } = await side.ask<Turn>({ [request]: counts.get(side) as number });
      times.get(side)?.push(median(ms));
    }
  }
  return times;
}

/** Returns the side that is fastest by its median. */
function best(times: ReadonlyMap<Side, number[]>, among: readonly Side[]): Side {
  return among.reduce((one, other) =>
    median(times.get(other) as number[]) < median(times.get(one) as number[]) ? other : one,
  );
}

const ratios = (theirs: readonly number[], ours: readonly number[]): number[] =>
  theirs.map((value, round) => value / (ours[round] as number));
const ratio = (values: number[]): string =>
  `${median(values).toFixed(2)} (${Math.min(...values).toFixed(2)} to ${Math.max(...values).toFixed(2)})`;

interface Rows {
  float32: string[];
  /** Null where the processor has no bfloat16 units. */
  bfloat16: string[] | null;
}

async function measureCase(
  model: BenchModel,
  bandwidth: number,
  options: Options,
  log: (line: string) => void,
): Promise<Rows> {
  const [ours, peers] = await startSides(model, bandwidth, options);
  const [half, halfPeers] = hasBfloat16()
    ? await startSides(model, bandwidth, { ...options, autocast: true })
    : [null, []];
  const all = [ours, ...peers, ...(half ? [half] : []), ...halfPeers];
  try {
    const count = options.quick ? 3 : ROUNDS;
    const steps = await rounds(all, 'steps', count);
    const evaluations = await rounds([ours, ...peers], 'evaluations', count);
    const of = (side: Side, times: ReadonlyMap<Side, number[]> = steps): number[] => times.get(side) as number[];
    const compared = (own: Side, others: readonly Side[], floor: number): { cells: string[]; met: boolean } => {
      const peer = best(steps, others);
      const step = ratios(of(peer), of(own));
      for (const side of others) log(`  PyTorch, ${side.name}: step ${spread(of(side), 'ms')}`);
      log(`  ours ${spread(of(own), 'ms')}, ratio ${ratio(step)}`);
      return {
        cells: [spread(of(own), 'ms'), `${spread(of(peer), 'ms')} ${peer.name}`, ratio(step)],
        met: median(step) >= floor,
      };
    };
    const title = [`${model.id}, batch ${model.batch}`, String(bandwidth)];
    log(`${title.join(', ')} px`);
    const float32 = compared(ours, peers, FLOOR[model.kind]);
    const evaluation = ratios(of(best(evaluations, peers), evaluations), of(ours, evaluations));
    log(`  evaluation ${ratio(evaluation)}`);
    const bfloat16 = half && compared(half, halfPeers, model.kind === 'family' ? FLOOR.familyHalf : FLOOR.half);
    const yes = (met: boolean): string => (met ? 'yes' : 'no');
    return {
      float32: [
        ...title,
        ...float32.cells,
        ratio(evaluation),
        yes(float32.met && median(evaluation) >= FLOOR.evaluation),
      ],
      bfloat16: bfloat16 && half && [...title, ...bfloat16.cells, ratio(ratios(of(ours), of(half))), yes(bfloat16.met)],
    };
  } finally {
    await Promise.all(all.map((side) => side.close()));
  }
}

/** Returns the smallest and the largest. */
const ends = (bandwidths: readonly number[]): number[] => [Math.min(...bandwidths), Math.max(...bandwidths)];

export async function measure(log: (line: string) => void, options: Options): Promise<Table[]> {
  const rows: Rows[] = [];
  for (const model of models(options.model, options.family))
    for (const bandwidth of options.quick ? ends(model.bandwidths) : sizes(model, options.size))
      rows.push(await measureCase(model, bandwidth, options, log));
  const columns = ['model', 'px', 'ours', 'PyTorch', 'ratio, step'];
  const half = rows.flatMap(({ bfloat16 }) => (bfloat16 ? [bfloat16] : []));
  return [
    { columns: [...columns, 'ratio, evaluation', 'floors met'], rows: rows.map(({ float32 }) => float32) },
    ...(half.length
      ? [
          {
            title: 'In bfloat16',
            columns: [
              ...columns,
              'ours, float32 / bfloat16',
              `at least ${options.family ? FLOOR.familyHalf : FLOOR.half}`,
            ],
            rows: half,
          },
        ]
      : []),
  ];
}
