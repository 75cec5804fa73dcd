/** The most memory that a training process ever holds, beside PyTorch's, at each size. */
import { spread, type Table } from './support/samples';
import { models, sizes, startSides, THREADS } from './step/sides';

const STEPS = 4;
const LIMIT = 1.2;

export const title = 'Memory';
export const peer = true;
export const notes = [
  `float32, ${THREADS} threads, ${STEPS} training steps and one evaluation in a fresh process on each side; its peak resident memory, libraries included. PyTorch by the settings that take it least (plain, channels-last).`,
].join('\n');

export async function measure(
  log: (line: string) => void,
  { quick, size, model: asked }: { quick: boolean; size: string[]; model: string[] },
): Promise<Table[]> {
  const rows: string[][] = [];
  for (const model of quick ? models(asked).slice(0, 1) : models(asked)) {
    for (const bandwidth of quick ? [96] : sizes(size)) {
      const [ours, peers] = await startSides(model, bandwidth);
      try {
        for (const side of [ours, ...peers]) {
          await side.ask({ steps: STEPS });
          await side.ask({ evaluations: 1 });
        }
        const [own, least] = [ours.peakMemory(), Math.min(...peers.map((peer) => peer.peakMemory()))];
        log(`${model.id} ${bandwidth}: ours ${own.toFixed(0)} MiB, PyTorch ${least.toFixed(0)} MiB`);
        rows.push([
          ...[`${model.id}, batch ${model.batch}`, String(bandwidth), spread([own], 'MiB'), spread([least], 'MiB')],
          ...[(own / least).toFixed(2), own / least <= LIMIT ? 'yes' : 'no'],
        ]);
      } finally {
        await Promise.all([ours, ...peers].map((side) => side.close()));
      }
    }
  }
  return [{ columns: ['model', 'px', 'ours', 'PyTorch', 'ours / PyTorch', `at most ${LIMIT}`], rows }];
}
