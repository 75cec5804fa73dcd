/** Measures the peak memory of a training process, beside PyTorch's, at each size. */
import { median, spread, type Table } from './support/samples';
import { models, sizes, startSides, THREADS } from './step/sides';

const [ROUNDS, STEPS, LIMIT] = [3, 3, 1.2];

export const title = 'Memory';
export const peer = true;
export const notes = [
  `float32, ${THREADS} threads, ${STEPS} training steps and one evaluation in a fresh process on each side, ${ROUNDS} rounds of both at once; its peak resident memory, libraries included. PyTorch by the settings that take it`,
  'least (plain, channels-last).',
].join('\n');

/** Returns peaks in MiB: ours, and that of the peer's setting with the least. */
async function round(...of: Parameters<typeof startSides>): Promise<[number, number]> {
  const [ours, peers] = await startSides(...of);
  const sides = [ours, ...peers];
  try {
    const work = async (side: (typeof sides)[number]): Promise<number> => {
      await side.ask({ steps: STEPS });
      await side.ask({ evaluations: 1 });
      return side.peakMemory();
    };
    const [own = NaN, ...others] = await Promise.all(sides.map(work));
    return [own, Math.min(...others)];
  } finally {
    await Promise.all(sides.map((side) => side.close()));
  }
}

export async function measure(
  log: (line: string) => void,
  { quick, family, size, model: asked }: { quick: boolean; family: boolean; size: string[]; model: string[] },
): Promise<Table[]> {
  const rows: string[][] = [];
  const all = models(asked, family);
  for (const model of quick ? all.slice(0, 1) : all) {
    for (const bandwidth of quick ? model.bandwidths.slice(0, 1) : sizes(model, size)) {
      const [own, least]: [number[], number[]] = [[], []];
      for (let at = 0; at < (quick ? 1 : ROUNDS); at++) {
        const [ours, theirs] = await round(model, bandwidth);
        own.push(ours);
        least.push(theirs);
      }
      const ratio = median(own) / median(least);
      log(`${model.id} ${bandwidth}: ours ${spread(own, 'MiB')}, PyTorch ${spread(least, 'MiB')}`);
      rows.push([
        ...[`${model.id}, batch ${model.batch}`, String(bandwidth), spread(own, 'MiB'), spread(least, 'MiB')],
        ...[ratio.toFixed(2), ratio <= LIMIT ? 'yes' : 'no'],
      ]);
    }
  }
  return [{ columns: ['model', 'px', 'ours', 'PyTorch', 'ours / PyTorch', `at most ${LIMIT}`], rows }];
}
