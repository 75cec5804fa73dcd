import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { nearestSizes, refusalOf, sizeRuleText, sizesText, type SizeRule } from '../../../shared/curriculum/size-rule';
import type { ModelMeasurement } from '../../../shared/contract/models';
import { headlineOf } from '../../../shared/published/gains';
import { databasePath } from '../../base/home';
import { modelEntries, modelEntry } from '../../engine/models';
import type { ModelEntry } from '../../engine/types';
import { machineName } from '../../services/preflight/measuring-machine';
import { measureModel } from '../../services/preflight/measure-model';
import { usableGpus } from '../../services/gpu/usable';
import { withHome } from '../../services/runs/runs';
import { measurementsOn } from '../../store/model-measurements';
import { SettingsStore } from '../../store/settings';
import type { Store } from '../../store/open';
import type { Command, CommandCall, CommandResult } from '../command';
import { percent, significant, table } from '../format';
import { needPositionals, optionalCount, textOption } from '../options';

/** Number of images a step by default. */
const BATCH = 32;

/** Returns `n x 16`, `n x 4 from 8` or `32..`. */
function sizesWord({ kind, step, min }: SizeRule): string {
  if (kind === 'any') return `${min}..`;
  return `n x ${step}${min > step ? ` from ${min}` : ''}`;
}

const gigabytes = (bytes: number): string => `${significant(bytes / 1e9, 3)} GB`;

/** Returns a measurement as a sentence. */
function measurementText(measurement: ModelMeasurement): string {
  const { model, size, batch, images_per_second, memory_bytes, beside_training } = measurement;
  const where = `${model} at ${size} px in batches of ${batch}`;
  if (images_per_second === null)
    return `${where}: about ${gigabytes(memory_bytes)} by an estimate, which is more than there is; no step was taken.`;
  const slower = beside_training ? ' A run trained at the same time, which made it slower.' : '';
  return `${where}: ${significant(images_per_second, 3)} img/s in training steps, ${gigabytes(memory_bytes)}.${slower}`;
}

async function measured(call: CommandCall, model: string): Promise<CommandResult> {
  const { home, values, signal, progress } = call;
  const size = optionalCount(values, 'size') ?? modelEntry(model).size;
  const asked = { model, size, batch: optionalCount(values, 'batch') ?? BATCH };
  const measurement = await withHome(home, (store) =>
    measureModel(asked, {
      ...{ home, store, signal, settings: new SettingsStore(store).get() },
      onPhase: (phase) => progress(phase === 'trace' ? `Tracing ${model}` : `Training steps of ${model}`),
    }),
  );
  return { json: { measurement }, text: measurementText(measurement) };
}

async function known(store: Store): Promise<ModelMeasurement[]> {
  const threads = new SettingsStore(store).get().intra_op_threads ?? availableParallelism();
  const [gpu] = await usableGpus();
  return measurementsOn(store, machineName(threads, gpu?.name ?? null));
}

function listed(entry: ModelEntry, asked: number | undefined, measurements: readonly ModelMeasurement[]) {
  const size = asked ?? entry.size;
  const refused = refusalOf(entry.sizes, size);
  const own = measurements.filter(({ model }) => model === entry.id);
  const published = headlineOf(entry.id);
  return {
    ...{ id: entry.id, family: entry.family, size, sizes: { ...entry.sizes, rule: sizeRuleText(entry.sizes) } },
    ...{ parameters: entry.parameters(1000), macs: refused ? null : entry.macs(size) },
    nearest_sizes: refused ? nearestSizes(entry.sizes, size) : null,
    ...{ preset: entry.preset, timm: entry.timm, timm_args: entry.timmArgs },
    ...{ measured: own, published },
  };
}

type Listed = ReturnType<typeof listed>;

function rowOf({ id, family, size, sizes, nearest_sizes, parameters, macs, preset, measured: own, published }: Listed) {
  const here = own.find((each) => each.size === size && each.images_per_second !== null);
  return [
    ...[id, family, String(size), sizesWord(sizes), `${significant(parameters / 1e6, 3)} M`],
    macs === null ? `not at this size, at ${sizesText(nearest_sizes ?? [])}` : `${significant(macs / 1e9, 3)} G`,
    here ? `${significant(here.images_per_second ?? 0, 3)} (${here.batch})` : '-',
    published ? `${percent(published.plain.top1)} -> ${percent(published.curriculum.top1)}` : '-',
    preset,
  ];
}

const HEAD = ['model', 'family', 'size', 'sizes', 'parameters', 'multiply-adds', 'img/s', 'published', 'preset'];
const NOTE = [
  'Parameters and multiply-adds at 1,000 classes. Sizes in px: "n x 32" are multiples of 32, "32.." is every size from 32.',
  'img/s: training steps measured here by --measure, with the batch; published: top-1 of the baseline and of the curriculum.',
].join('\n');

export const command: Command = {
  name: 'models',
  summary: 'List the models and what they cost, or measure one on this machine.',
  positionals: '',
  options: {
    size: { type: 'string', value: 'PX', description: "the cost at this image size (default: each model's own)" },
    measure: {
      type: 'string',
      value: 'MODEL',
      description: 'take a few training steps of a model, and keep what they took',
    },
    batch: { type: 'string', value: 'N', description: `with --measure: images a step (default ${BATCH})` },
  },
  examples: ['efficienttrain models', 'efficienttrain models --measure swin_micro --size 32 --batch 64'],
  loadsEngine: (values) => values['measure'] !== undefined,
  run: async (call) => {
    needPositionals('models', call.positionals, 0);
    const model = textOption(call.values, 'measure');
    if (model !== undefined) return measured(call, model);
    const size = optionalCount(call.values, 'size');
    // Listing makes no data folder.
    const measurements = existsSync(databasePath(call.home)) ? await withHome(call.home, known) : [];
    const models = modelEntries().map((entry) => listed(entry, size, measurements));
    return { json: { models }, text: `${table(HEAD, models.map(rowOf))}\n\n${NOTE}` };
  },
};
