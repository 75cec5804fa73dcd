import { AppError } from '../../../shared/errors';
import { resolveRun, type ResolvedRun } from '../../services/runs/configs';
import { withHome } from '../../services/runs/runs';
import { studyCheckpoints, usualRadii } from '../../services/study/checkpoints';
import { findStudy, listStudies, runStudy, studyId, studyReport } from '../../services/study/frequency';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { findRun } from '../../store/runs';
import type { Command, CommandCall, CommandResult } from '../command';
import { table } from '../format';
import { needPositionals, optionalCount, optionalNumber, textOption } from '../options';
import { progressShort, progressText } from '../run-text';
import { checkpointsText, frequencyText } from '../study-text';
import { weightChoice } from '../weight-choice';

const KINDS = ['frequency', 'checkpoints', 'show', 'list'];
const MOST_IMAGES = 1000;

const usage = (what: string, why: string, next: string): AppError => new AppError({ code: 'usage', what, why, next });

function need(values: CommandCall['values'], name: string): string {
  const value = textOption(values, name);
  if (value !== undefined) return value;
  throw usage(
    `study frequency needs --${name}.`,
    'It was not given.',
    'Run `efficienttrain study --help` for an example.',
  );
}

/** Distinct and ascending. @throws AppError usage */
function radiiOption(values: CommandCall['values']): number[] | undefined {
  const text = textOption(values, 'radii');
  if (text === undefined) return undefined;
  const radii = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (radii.every((radius) => Number.isFinite(radius) && radius > 0)) return [...new Set(radii)].sort((a, b) => a - b);
  throw usage(
    `--radii ${text} can't be used.`,
    'It has to be numbers above 0 with commas between.',
    'For example --radii 8,16,24.',
  );
}

/** The unfiltered training. @throws AppError usage, invalid_config */
function baseOf(store: Store, values: CommandCall['values']): ResolvedRun {
  const set = (values['set'] as string[] | undefined) ?? [];
  const own = set.find((text) => /^(data\.filter|init|branch|name|seed)\b/.test(text));
  if (own !== undefined)
    throw usage(`A study can't be given ${own}.`, 'It decides it for each of its runs.', 'Leave it out.');
  const base = resolveRun({
    ...{ dataset: findDataset(store, need(values, 'dataset')), model: need(values, 'model'), preset: 'constant', set },
    flags: {
      ...{ size: optionalCount(values, 'size'), 'data.batch': optionalCount(values, 'batch') },
      'schedule.equivalent_epochs': optionalNumber(values, 'epochs', Number.MIN_VALUE),
    },
  });
  if (base.config.task !== 'mae') return base;
  throw usage(
    "A study can't compare runs of the task mae.",
    'It compares top-1 accuracies.',
    'Name a classifier by --model.',
  );
}

async function frequency(call: CommandCall, store: Store): Promise<CommandResult> {
  const { values, home, signal, force, log, progress } = call;
  const base = baseOf(store, values);
  const id = studyId(base);
  const radii = radiiOption(values) ?? usualRadii(base.config.size);
  const seeds = optionalCount(values, 'seeds') ?? 1;
  log(`Frequency study ${id}. Ctrl-C saves its state and stops; the same command continues it.`);
  const whole = await runStudy({
    ...{ home, store, base, radii, seeds, signal, force },
    onRun: (run) => log(`Training ${run.name} (${run.id}).`),
    onProgress: (run, state) => progress(`${run.name}: ${progressText(state)}`, progressShort(state)),
    onLog: () => undefined,
  });
  return shown(store, id, whole ? 0 : signal.aborted ? 130 : 1);
}

function shown(store: Store, id: string, exitCode = 0): CommandResult {
  const study = studyReport(store, id);
  return { json: { study }, text: frequencyText(study), exitCode };
}

async function checkpoints(call: CommandCall, store: Store, reference: string): Promise<CommandResult> {
  const { values, home, signal, progress } = call;
  const run = findRun(store, reference);
  const study = await studyCheckpoints({
    ...{ home, store, run, radii: radiiOption(values) ?? usualRadii(run.config.size), signal },
    ...{ weights: weightChoice(values).weights, images: optionalCount(values, 'images') ?? MOST_IMAGES },
    onProgress: (done, total) => progress(`${done} of ${total} checkpoints`),
  });
  return { json: { study }, text: checkpointsText(study) };
}

function listed(store: Store): CommandResult {
  const studies = listStudies(store).map((id) => studyReport(store, id));
  const rows = studies.map(({ id, model, size, curves }) => [
    ...[id, model, `${size}`, curves.map(({ radius }) => radius ?? 'none').join(', ')],
    String(curves.reduce((sum, { runs }) => sum + runs.length, 0)),
  ]);
  const none = 'No studies yet. Start one: efficienttrain study frequency --dataset flowers --model resnet18';
  return { json: { studies }, text: rows.length ? table(['id', 'model', 'px', 'radii', 'runs'], rows) : none };
}

async function run(call: CommandCall): Promise<CommandResult> {
  const { positionals, home } = call;
  const [kind = '', reference = ''] = positionals;
  if (!KINDS.includes(kind))
    throw usage(
      kind === '' ? 'study needs a kind.' : `There is no study ${kind}.`,
      `It can be one of ${KINDS.join(', ')}.`,
      'Run `efficienttrain study --help`.',
    );
  needPositionals('study', positionals, kind === 'checkpoints' || kind === 'show' ? 2 : 1);
  return withHome(home, async (store) => {
    if (kind === 'frequency') return frequency(call, store);
    if (kind === 'checkpoints') return checkpoints(call, store, reference);
    return kind === 'show' ? shown(store, findStudy(store, reference)) : listed(store);
  });
}

export const command: Command = {
  name: 'study',
  summary: 'Study what a network learns when: train on low-passed images, or measure the checkpoints of a run.',
  positionals: 'frequency|checkpoints|show|list [RUN|STUDY]',
  options: {
    dataset: { type: 'string', value: 'DATASET', description: 'frequency: id, prefix or name' },
    model: { type: 'string', value: 'MODEL', description: 'frequency: see `efficienttrain models`' },
    radii: {
      type: 'string',
      value: 'R,R,...',
      description: 'radii of the filters, in periods over the image (default: 1/16, 1/8 and 1/4 of the size)',
    },
    epochs: { type: 'string', value: 'E', description: 'frequency: equivalent epochs of each run (default 200)' },
    seeds: { type: 'string', value: 'N', description: 'frequency: seeds of each run (default 1)' },
    size: { type: 'string', value: 'PX', description: "frequency: image size (default: the model's)" },
    batch: { type: 'string', value: 'N', description: 'frequency: images a step' },
    set: {
      type: 'string',
      value: 'FIELD=VALUE',
      multiple: true,
      description: "frequency: one field of the runs' configuration, e.g. optimizer.base_lr=1e-3",
    },
    images: {
      type: 'string',
      value: 'N',
      description: `checkpoints: validation images at most, evenly spaced (default ${MOST_IMAGES})`,
    },
    weights: { type: 'string', value: 'WHICH', description: 'checkpoints: ema or raw (default ema if the run has it)' },
  },
  examples: [
    'efficienttrain study frequency --dataset flowers --model resnet_micro --size 64 --radii 4,8,16 --epochs 20 --batch 32',
    'efficienttrain study checkpoints k3m9 --radii 8,16',
    'efficienttrain study show 4f0c',
  ],
  // Trainers are processes of their own, which must not end with a child that may tidy up for seconds only.
  loadsEngine: (_, [kind]) => kind === 'checkpoints',
  run,
};
