import { availableParallelism } from 'node:os';
import { statSync } from 'node:fs';
import { basename, dirname } from 'node:path';
import { AppError } from '../../../shared/errors';
import { filterText } from '../../../shared/curriculum/frequency-filter';
import { metricOf } from '../../../shared/metrics';
import type { DeviceName } from '../../../shared/run-config';
import { modelEntry } from '../../engine/models';
import { findTask } from '../../engine/tasks';
import type { MeasuredSplit } from '../../engine/tasks/evaluation';
import type { Preprocessing } from '../../engine/data/preprocessing';
import { isExport, readManifest } from '../../engine/export/manifest';
import type { ModelEntry, SampleTable } from '../../engine/types';
import { loadSummary, loadTimmWeights } from '../../engine/weights/load-timm';
import { loadRunWeights } from '../../services/inference/checkpoints';
import { classCells, type ClassCells } from '../../services/runs/class-accuracy';
import { touchedSentence, verifyDataset } from '../../services/datasets/dataset-files';
import { evaluationSamples, noValidation } from '../../services/runs/evaluation-samples';
import { loadSampleTable } from '../../services/datasets/datasets';
import { evaluateSplit, openEvaluation, type Subject } from '../../services/inference/evaluation';
import { borrowDeviceToRead } from '../../services/gpu/take-device';
import { refuseUnlabelled } from '../../services/datasets/refuse-unlabelled';
import { preprocessingOf } from '../../services/inference/run-inference';
import { openHome } from '../../services/runs/runs';
import { findDataset, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun, type Run } from '../../store/runs';
import type { Command, CommandCall } from '../command';
import { evaluateByNeighbours, KNN_OPTIONS, refuseContradictions } from '../evaluate-knn';
import { filterOption } from '../filter-option';
import { metricText, percent, table } from '../format';
import { weightChoice } from '../weight-choice';
import { needPositionals, optionalCount, optionalNumber, refuseOptions, textOption } from '../options';

const BATCH = 64;

interface Measured {
  subject: Subject;
  dataset: Dataset;
  workers: number;
  weights: string;
  device: DeviceName;
}

/** Refuses a classifier on a dataset of other classes. @throws AppError weights_mismatch */
function refuseOtherClasses(run: Run, own: Dataset, dataset: Dataset): void {
  if (own.classes.join('\n') === dataset.classes.join('\n')) return;
  throw new AppError({
    code: 'weights_mismatch',
    what: `Run ${run.name} can't classify ${dataset.name}.`,
    why: `Its classes are those of ${own.name}, which differ in name, number or order.`,
    next: 'Add --knn, which needs no classifier, or train on this dataset from the run with `train --init`.',
  });
}

async function ofRun({ home, values, log }: CommandCall, store: Store, reference: string): Promise<Measured> {
  const run = findRun(store, reference);
  refuseOptions(values, ['model', 'size', 'crop-pct', 'init-key'], {
    where: 'with a run',
    why: 'It describes a weights file; a run has its own.',
  });
  const found = await loadRunWeights(home, store, run, weightChoice(values));
  const task = findTask(found.config.task);
  const named = textOption(values, 'dataset');
  const dataset = named === undefined ? found.dataset : findDataset(store, named);
  refuseUnlabelled(dataset, task.needsLabels || values['knn'] === true, 'evaluate');
  if (task.needsLabels && values['knn'] !== true) refuseOtherClasses(found.run, found.dataset, dataset);
  if (found.instead) log(`${found.instead.message} ${found.instead.why}`);
  const { config, model } = found;
  const asked = filterOption(values);
  const subject: Subject = {
    ...{ home, task, config, model, values: found.values, preprocessing: preprocessingOf(config) },
    filter: asked === undefined ? (config.data.filter ?? null) : asked,
    ...{ batch: optionalCount(values, 'batch') ?? BATCH, threads: config.engine.intra_op_threads },
  };
  const { workers } = config.data;
  return { subject, dataset, workers, weights: `${found.weights}, step ${found.step}`, device: config.engine.device };
}

/**
 * Returns how images are prepared for a file's weights: as an export of ours says beside it, otherwise as timm does for
 * its released weights. Options have precedence.
 */
function fileViews(values: CommandCall['values'], path: string, entry: ModelEntry): Preprocessing {
  const { mean, std, cropPct, interpolation } = entry;
  const isFolder = statSync(path).isDirectory();
  const folder = isFolder ? path : dirname(path);
  const known = isExport(folder) ? readManifest(folder) : null;
  const isOfExport = isFolder || known?.files?.some((file) => file.path === basename(path));
  const exported = known && isOfExport ? known.preprocessing : null;
  const views = exported ?? { size: entry.size, crop_pct: cropPct, interpolation, mean, std };
  return {
    ...views,
    size: optionalNumber(values, 'size', 1) ?? views.size,
    crop_pct: optionalNumber(values, 'crop-pct', 0.01, 1) ?? views.crop_pct,
  };
}

function ofFile({ home, values }: CommandCall, store: Store, path: string): Measured {
  refuseOptions(values, ['checkpoint', 'weights'], {
    where: 'with a weights file',
    why: `${path} is a file, not a run, and has one set of weights.`,
  });
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
  const preprocessing = fileViews(values, path, entry);
  const { size } = preprocessing;
  const task = findTask('classify');
  const settings = { classes: dataset.classes.length, size, drop_path_rate: 0, drop_rate: 0 };
  const model = task.createModel(entry, settings, null);
  const { values: weights, report } = loadTimmWeights(model, path, textOption(values, 'init-key') ?? null);
  if (report.head_replaced)
    throw new AppError({
      code: 'weights_mismatch',
      what: `${path} has another classifier.`,
      why: `${dataset.name} has ${dataset.classes.length} classes.`,
      next: 'Evaluate it on the dataset it was trained for.',
    });
  const subject: Subject = {
    ...{ home, task, config: null, model, values: weights, threads: null },
    filter: filterOption(values) ?? null,
    batch: optionalCount(values, 'batch') ?? BATCH,
    preprocessing,
  };
  const from = report.prefix || report.key !== undefined ? `${path} (${loadSummary(report)})` : path;
  return { subject, dataset, workers: availableParallelism(), weights: from, device: 'auto' };
}

/** A folder may have the name of a run; it is meant where the options that weights need are given. */
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
    dataset: {
      type: 'string',
      value: 'DATASET',
      description: "for a FILE, or a RUN on other images: of the run's own classes, or with --knn of any",
    },
    model: { type: 'string', value: 'MODEL', description: 'for a FILE' },
    size: { type: 'string', value: 'PX', description: "for a FILE (default: that of its export, or the model's)" },
    'crop-pct': {
      type: 'string',
      value: 'SHARE',
      description: "for a FILE: part of the resized image that is measured (default: that of its export, or timm's)",
    },
    'init-key': { type: 'string', value: 'KEY', description: 'of the weights in a PyTorch FILE, see `train --help`' },
    batch: { type: 'string', value: 'N', description: `images at a time (default ${BATCH})` },
    filter: {
      type: 'string',
      value: 'FILTER',
      description: "none, low_pass:R or high_pass:R of the images (default the run's own data.filter)",
    },
    dump: { type: 'string', value: 'DIR', description: 'leave inputs.npy, logits.npy, labels.npy and files.txt there' },
    ...KNN_OPTIONS,
  },
  examples: [
    'efficienttrain evaluate k3m9',
    'efficienttrain evaluate k3m9 --knn',
    'efficienttrain evaluate k3m9 --filter low_pass:16',
    'efficienttrain evaluate model.safetensors --dataset birds --model resnet18 --size 128 --dump check/',
  ],
  loadsEngine: () => true,
  run: async (call) => {
    const { positionals, values, home } = call;
    refuseContradictions(call);
    const [reference = ''] = needPositionals('evaluate', positionals, 1);
    const store = openHome(home);
    const found = isWeights(reference, values) ? ofFile(call, store, reference) : await ofRun(call, store, reference);
    const { subject, dataset, workers, weights, device } = found;
    const said = touchedSentence(dataset, await verifyDataset(store, dataset));
    if (said) call.log(said);
    if (values['knn'] === true) {
      await borrowDeviceToRead(store, device);
      return evaluateByNeighbours(call, store, found);
    }
    const dump = textOption(values, 'dump');
    const asked = textOption(values, 'split');
    const tableOf = (name: string): SampleTable => loadSampleTable(store, dataset, name);
    const { split, samples } =
      asked === undefined
        ? evaluationSamples(store, dataset, subject.task, () => tableOf('train'))
        : { split: asked, samples: tableOf(asked) };
    if (asked === undefined && split !== 'val') call.log(noValidation(dataset, samples.count));
    await borrowDeviceToRead(store, device);
    const opened = openEvaluation(subject, dump !== undefined);
    const measured = await evaluateSplit(opened, {
      ...{ samples, workers, signal: call.signal },
      ...(dump === undefined ? {} : { dump }),
    });
    opened.executor.dispose();
    const classes = classesOf(measured, dataset);
    const { figures, count, nonFinite } = measured;
    const text = [
      `${dataset.name} ${split}, ${count} images at ${subject.preprocessing.size} px, crop ${subject.preprocessing.crop_pct}${subject.filter ? `, filter ${filterText(subject.filter)}` : ''}, weights ${weights}`,
      shownFigures(measured).join(' · '),
      ...(nonFinite ? [`The scores of ${nonFinite} images are not finite numbers: they count as wrong.`] : []),
      ...(classes ? ['', classTable(classes.per_class)] : []),
    ].join('\n');
    return {
      json: {
        ...figures,
        count,
        non_finite: nonFinite,
        split,
        dataset: dataset.id,
        crop_pct: subject.preprocessing.crop_pct,
        ...(subject.filter && { filter: subject.filter }),
        ...classes,
      },
      text,
    };
  },
};

interface ClassRow {
  class: string;
  correct: number;
  count: number;
}

/** Returns classification's results beside its figures; null for other tasks. */
function classesOf(
  { details }: MeasuredSplit,
  { classes }: Dataset,
): ({ per_class: ClassRow[] } & Omit<ClassCells, 'perClass'>) | null {
  const detail = details.find(({ kind }) => kind === 'classes');
  if (!detail) return null;
  const { perClass, ...confusion } = classCells(detail);
  return {
    per_class: classes.map((name, index) => ({ class: name, ...(perClass[index] ?? { correct: 0, count: 0 }) })),
    ...confusion,
  };
}

const classTable = (classes: readonly ClassRow[]): string =>
  table(
    ['class', 'images', 'top-1'],
    classes.map(({ class: name, correct, count }) => [name, String(count), count ? percent(correct / count) : '-']),
  );

/** Orders the figures, accuracies first. */
const shownFigures = ({ figures }: MeasuredSplit): string[] =>
  Object.entries(figures)
    .filter(([, value]) => value !== null)
    .sort(([a], [b]) => Number(metricOf(a).unit !== 'fraction') - Number(metricOf(b).unit !== 'fraction'))
    .map(([id, value]) => `${metricOf(id).name} ${metricText(id, value)}`);
