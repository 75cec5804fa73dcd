import { existsSync } from 'node:fs';
import { AppError } from '../../../shared/errors';
import { loadSampleTable } from '../../services/datasets/datasets';
import { touchedSentence, verifyDataset } from '../../services/datasets/dataset-files';
import { openRunFeatures } from '../../services/inference/run-inference';
import {
  featuresOfFiles,
  featuresOfSplit,
  type WrittenFeatures,
  type FeatureWriting,
} from '../../services/inference/write-features';
import { openHome } from '../../services/runs/runs';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import type { Command, CommandCall } from '../command';
import { needPositionals, optionalCount, textOption } from '../options';
import { progressWithEstimate } from '../progress-estimate';
import { weightChoice } from '../weight-choice';

/** Checks --out. @throws AppError usage */
function outOf(values: CommandCall['values']): string {
  const out = textOption(values, 'out');
  if (out?.endsWith('.npy')) return out;
  throw new AppError({
    code: 'usage',
    what: out === undefined ? 'features needs --out.' : `--out ${out} can't be used.`,
    why: 'Features are written as a NumPy array, with a text file of the names beside it.',
    next: 'Name a file that ends with .npy, for example --out features.npy.',
  });
}

/** Says whether the sources name a dataset: a single text that is no existing file does. */
const namesDataset = (sources: readonly string[], { split }: CommandCall['values']): boolean =>
  split !== undefined || (sources.length === 1 && !existsSync(sources[0] ?? ''));

async function ofDataset(
  { values, log }: CommandCall,
  store: Store,
  writing: FeatureWriting,
  { name, workers }: { name: string; workers: number },
): Promise<WrittenFeatures> {
  const dataset = findDataset(store, name);
  const said = touchedSentence(dataset, await verifyDataset(store, dataset));
  if (said) log(said);
  return featuresOfSplit(writing, loadSampleTable(store, dataset, textOption(values, 'split') ?? 'train'), workers);
}

export const command: Command = {
  name: 'features',
  summary: "Write a network's features of images, or of a dataset's split, as a NumPy array.",
  positionals: 'RUN IMAGE...|DATASET',
  options: {
    out: { type: 'string', value: 'FILE', description: 'the array, FILE.npy; the names of its rows are in FILE.txt' },
    feature: {
      type: 'string',
      value: 'NAME',
      description:
        'cls, mean, tokens, or a stage, e.g. layer3 or blocks.5 (default cls where the model has one, else mean)',
    },
    split: { type: 'string', value: 'SPLIT', description: 'of a DATASET: train, val or test (default train)' },
    checkpoint: { type: 'string', value: 'WHICH', description: 'best or last (default best)' },
    weights: { type: 'string', value: 'WHICH', description: 'ema or raw (default ema if the run has it)' },
    batch: { type: 'string', value: 'N', description: "images at a time (default: the run's eval.batch)" },
  },
  examples: [
    'efficienttrain features k3m9 flowers --out features.npy',
    'efficienttrain features k3m9 photo.jpg other.jpg --feature mean --out features.npy',
  ],
  loadsEngine: () => true,
  run: async (call) => {
    const { positionals, values, home, log, signal, progress } = call;
    const [reference = '', ...sources] = needPositionals('features', positionals, 2, Infinity);
    const out = outOf(values);
    if (values['split'] !== undefined && sources.length > 1)
      throw new AppError({
        code: 'usage',
        what: `features takes one dataset with --split, not ${sources.length}.`,
        why: 'The rows of an array are the images of one split.',
        next: 'Name one dataset, or leave out --split to name images.',
      });
    const store = openHome(home);
    const choice = weightChoice(values);
    const wanted = { home, store, run: reference, batch: optionalCount(values, 'batch') ?? null };
    const opened = await openRunFeatures(wanted, choice, textOption(values, 'feature') ?? null);
    const { found, feature, extractor } = opened;
    if (found.instead) log(`${found.instead.message} ${found.instead.why}`);
    const writing: FeatureWriting = { ...opened, out, signal, onProgress: progressWithEstimate(progress, feature) };
    const { shape, names } = namesDataset(sources, values)
      ? await ofDataset(call, store, writing, { name: sources[0] ?? '', workers: found.config.data.workers })
      : await featuresOfFiles(writing, sources);
    extractor.executor.dispose();
    const { weights, step } = found;
    return {
      json: { path: out, names, feature, shape, weights, step },
      text: `${out}: ${feature}, float32 ${shape.join(' x ')}, weights ${weights}, step ${step}\n${names}: the image of each row`,
    };
  },
};
