import { availableParallelism } from 'node:os';
import { statSync } from 'node:fs';
import { AppError } from '../../../shared/errors';
import type { DeviceName } from '../../../shared/run-config';
import { modelEntry } from '../../engine/models';
import { loadSummary, loadTimmWeights } from '../../engine/weights/load-timm';
import { loadRunWeights } from '../../services/inference/checkpoints';
import { touchedSentence, verifyDataset } from '../../services/datasets/dataset-files';
import { loadSampleTable } from '../../services/datasets/datasets';
import { borrowDeviceToRead } from '../../services/gpu/take-device';
import { evaluateSplit, openInference, type InferenceOptions } from '../../services/inference/inference';
import { refuseUnlabelled } from '../../services/datasets/refuse-unlabelled';
import { openHome } from '../../services/runs/runs';
import { findDataset, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun } from '../../store/runs';
import type { Command, CommandCall } from '../command';
import { percent, significant, table } from '../format';
import { choiceOption, needPositionals, optionalCount, optionalNumber, textOption } from '../options';

const BATCH = 64;

interface Subject {
  options: InferenceOptions;
  dataset: Dataset;
  workers: number;
  weights: string;
  device: DeviceName;
}

async function ofRun({ home, values, log }: CommandCall, store: Store, reference: string): Promise<Subject> {
  const weights = textOption(values, 'weights');
  const found = await loadRunWeights(home, store, findRun(store, reference), {
    checkpoint: choiceOption(values, 'checkpoint', ['best', 'last'], 'best'),
    weights: weights === undefined ? null : choiceOption(values, 'weights', ['ema', 'raw'], 'raw'),
  });
  refuseUnlabelled(found.dataset, true, 'evaluate');
  if (found.instead) log(`${found.instead.message} ${found.instead.why}`);
  const { config, model } = found;
  const { mean, std, crop_pct, interpolation, workers } = config.data;
  const options = {
    home,
    model,
    values: found.values,
    preprocessing: { size: config.size, crop_pct, interpolation, mean, std },
    batch: optionalCount(values, 'batch') ?? BATCH,
    threads: config.engine.intra_op_threads,
  };
  return {
    options,
    dataset: found.dataset,
    workers,
    weights: `${found.weights}, step ${found.step}`,
    device: config.engine.device,
  };
}

function ofFile({ home, values }: CommandCall, store: Store, path: string): Subject {
  const [datasetName, modelId] = [textOption(values, 'dataset'), textOption(values, 'model')];
  if (datasetName === undefined || modelId === undefined)
    throw new AppError({
      code: 'usage',
      what: 'A weights file needs --dataset and --model.',
      why: `${path} is a file, not a run.`,
      next: 'Add both, and --size where it is not the default.',
    });
  const dataset = findDataset(store, datasetName);
  refuseUnlabelled(dataset, true, 'evaluate');
  const entry = modelEntry(modelId);
  const size = optionalNumber(values, 'size', 1) ?? entry.size;
  const model = entry.create({ num_classes: dataset.classes.length, img_size: size, drop_path_rate: 0, drop_rate: 0 });
  const { values: weights, report } = loadTimmWeights(model, path);
  if (report.head_replaced)
    throw new AppError({
      code: 'weights_mismatch',
      what: `${path} has another classifier.`,
      why: `${dataset.name} has ${dataset.classes.length} classes.`,
      next: 'Evaluate it on the dataset it was trained for.',
    });
  const { mean, std, cropPct: crop_pct, interpolation } = entry;
  const options = {
    home,
    model,
    values: weights,
    preprocessing: { size, crop_pct, interpolation, mean, std },
    batch: optionalCount(values, 'batch') ?? BATCH,
    threads: null,
  };
  const from = report.prefix ? `${path} (${loadSummary(report)})` : path;
  return { options, dataset, workers: availableParallelism(), weights: from, device: 'auto' };
}

/** A folder may have the name of a run; it is meant where what weights need is said. */
function isWeights(reference: string, values: CommandCall['values']): boolean {
  const stats = statSync(reference, { throwIfNoEntry: false });
  return stats !== undefined && (stats.isFile() || values['model'] !== undefined);
}

export const command: Command = {
  name: 'evaluate',
  summary: 'Measure accuracy of a run or of a weights file on a split.',
  positionals: 'RUN|FILE',
  options: {
    split: { type: 'string', value: 'SPLIT', description: 'train, val or test (default val)' },
    checkpoint: { type: 'string', value: 'WHICH', description: 'best or last (default best)' },
    weights: { type: 'string', value: 'WHICH', description: 'ema or raw (default ema if the run has it)' },
    dataset: { type: 'string', value: 'DATASET', description: 'for a FILE' },
    model: { type: 'string', value: 'MODEL', description: 'for a FILE' },
    size: { type: 'string', value: 'PX', description: 'for a FILE' },
    batch: { type: 'string', value: 'N', description: `images at a time (default ${BATCH})` },
    dump: { type: 'string', value: 'DIR', description: 'leave inputs.npy, logits.npy, labels.npy and files.txt there' },
  },
  examples: [
    'efficienttrain evaluate k3m9',
    'efficienttrain evaluate model.safetensors --dataset birds --model resnet18 --size 128 --dump check/',
  ],
  loadsEngine: () => true,
  run: async (call) => {
    const { positionals, values, home } = call;
    const [reference = ''] = needPositionals('evaluate', positionals, 1);
    const store = openHome(home);
    const { options, dataset, workers, weights, device } = isWeights(reference, values)
      ? ofFile(call, store, reference)
      : await ofRun(call, store, reference);
    const said = touchedSentence(dataset, await verifyDataset(store, dataset));
    if (said) call.log(said);
    const split = textOption(values, 'split') ?? 'val';
    const dump = textOption(values, 'dump');
    const samples = loadSampleTable(store, dataset, split);
    await borrowDeviceToRead(store, device);
    const executor = openInference(options);
    const result = await evaluateSplit(executor, options, {
      samples,
      classes: dataset.classes.length,
      workers,
      signal: call.signal,
      ...(dump === undefined ? {} : { dump }),
    });
    executor.dispose();
    const { confusion, perClass, nonFinite, ...figures } = result;
    const classes = dataset.classes.map((name, index) => ({ class: name, ...(perClass[index] ?? { correct: 0, count: 0 }) }));
    const matrix = classes.map((_, label) =>
      Array.from(confusion.subarray(label * classes.length, (label + 1) * classes.length)),
    );
    const rows = classes.map(({ class: name, correct, count }) => [name, String(count), count ? percent(correct / count) : '-']);
    const text = [
      `${dataset.name} ${split}, ${figures.count} images, weights ${weights}`,
      `top-1 ${percent(figures.top1)}${figures.top5 === null ? '' : ` · top-5 ${percent(figures.top5)}`} · loss ${significant(figures.loss)}`,
      ...(nonFinite ? [`The scores of ${nonFinite} images are not finite numbers: they count as wrong.`] : []),
      '',
      table(['class', 'images', 'top-1'], rows),
    ].join('\n');
    return {
      json: { ...figures, non_finite: nonFinite, split, dataset: dataset.id, per_class: classes, confusion: matrix },
      text,
    };
  },
};
