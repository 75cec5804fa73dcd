import { setTimeout as sleep } from 'node:timers/promises';
import { checkpointsRequestSchema, frequencyRequestSchema, type StudySpec } from '../../../shared/contract/studies';
import { AppError } from '../../../shared/errors';
import { isLive } from '../../../shared/run-state';
import { withHome } from '../../services/runs/runs';
import { stopStudy } from '../../services/study/ask-study';
import { isFrequency, studyDetails } from '../../services/study/details';
import { checkpointsSpec, frequencySpec, openStudy, refuseFrozen } from '../../services/study/new-study';
import { startWorker } from '../../services/processes/worker-process';
import { workOnStudy } from '../../services/study/work-on-study';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import { reconcileRuns } from '../../store/runs';
import {
  findStudy,
  isWorkedOn,
  refuseWorkedOn,
  setStudyOutcome,
  storedStudies,
  studyById,
  type StoredStudy,
} from '../../store/studies';
import type { Command, CommandCall, CommandOption, CommandResult } from '../command';
import { needPositionals, numberOption, optionalCount, optionalNumber, refuseOptions, textOption } from '../options';
import { progressShort, progressText } from '../run-text';
import { studiesText, studyText } from '../study-text';
import { weightChoice } from '../weight-choice';

const ACTIONS = ['frequency', 'checkpoints', 'list', 'show', 'resume', 'stop'];
const MOST_IMAGES = 1000;
const DEFAULT_WAIT_SECONDS = 120;
/** Milliseconds in which a process begins at the latest; a busy machine takes seconds. */
const BEGIN_MS = 10_000;
const POLL_MS = 200;

const OPTIONS: Record<string, CommandOption> = {
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
  wait: {
    type: 'string',
    value: 'SECONDS',
    description: `stop: how long to wait for it to confirm (default ${DEFAULT_WAIT_SECONDS}; 0: only ask)`,
  },
  detach: { type: 'boolean', description: 'work on it in the background and return at once' },
};

/** Options of each action. */
const TAKEN: Record<string, readonly string[]> = {
  frequency: ['dataset', 'model', 'radii', 'epochs', 'seeds', 'size', 'batch', 'set', 'detach'],
  checkpoints: ['radii', 'images', 'weights', 'detach'],
  ...{ list: [], show: [], resume: ['detach'], stop: ['wait'] },
};

/** Refuses options that the action would ignore. @throws AppError usage */
const refuseIgnored = (action: string, values: CommandCall['values']): void =>
  refuseOptions(
    values,
    Object.keys(OPTIONS).filter((name) => !TAKEN[action]?.includes(name)),
    {
      where: `with study ${action}`,
      why: action === 'resume' ? 'A study goes on as it was begun.' : 'It has no effect there.',
    },
  );

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

/** Returns the radii, distinct and ascending; null where they are not given. @throws AppError usage */
function radiiOption(values: CommandCall['values']): number[] | null {
  const text = textOption(values, 'radii');
  if (text === undefined) return null;
  const radii = text.split(',').map((part) => (part.trim() === '' ? NaN : Number(part)));
  if (radii.every((radius) => Number.isFinite(radius) && radius > 0)) return radii;
  throw usage(
    `--radii ${text} can't be used.`,
    'It has to be numbers above 0 with commas between.',
    'For example --radii 8,16,24.',
  );
}

/** Reads the specification from the command line. @throws AppError usage, not_found, invalid_config, invalid_stage */
function askedSpec(store: Store, { values, positionals: [kind, reference = ''] }: CommandCall): StudySpec {
  const radii = radiiOption(values);
  if (kind === 'checkpoints') {
    const images = optionalCount(values, 'images') ?? MOST_IMAGES;
    const { weights } = weightChoice(values);
    return checkpointsSpec(
      store,
      checkpointsRequestSchema.parse({ kind: 'checkpoints', run: reference, radii, weights, images }),
    );
  }
  const dataset = findDataset(store, need(values, 'dataset'));
  const request = frequencyRequestSchema.parse({
    ...{ kind: 'frequency', dataset: dataset.id, model: need(values, 'model'), radii },
    ...{ size: optionalCount(values, 'size'), batch: optionalCount(values, 'batch') },
    ...{ epochs: optionalNumber(values, 'epochs', Number.MIN_VALUE), seeds: optionalCount(values, 'seeds') },
  });
  return frequencySpec({ dataset, request, set: (values['set'] as string[] | undefined) ?? [] });
}

const stored = (store: Store, id: string): StoredStudy => studyById(store, id) as StoredStudy;

function answer(store: Store, study: StoredStudy, exitCode = 0): CommandResult {
  const details = studyDetails(store, study);
  return { json: { study: details.study }, text: studyText(details), exitCode };
}

/**
 * Starts a process that works on the study, and waits until it does: until then the study has the state in which it was
 * left.
 */
async function detach(home: string, store: Store, id: string): Promise<StoredStudy> {
  let over = false;
  void startWorker('studier', home, id, true).ended.then(() => (over = true));
  const deadline = performance.now() + BEGIN_MS;
  while (!isWorkedOn(stored(store, id)) && !over && performance.now() < deadline) await sleep(POLL_MS);
  return stored(store, id);
}

/** Works on the study in this process, or in one of its own. */
async function work(call: CommandCall, store: Store, study: StoredStudy): Promise<CommandResult> {
  const { values, home, signal, force, log, progress } = call;
  const { id } = study;
  refuseWorkedOn(study);
  setStudyOutcome(store, id, null);
  if (values['detach'] === true) {
    const begun = await detach(home, store, id);
    const text = `Study ${id} continues in the background.\nNext: efficienttrain study show ${id}; efficienttrain study stop ${id}`;
    return { ...answer(store, begun), text };
  }
  log(`Study ${id}. Ctrl-C saves its state and stops; the same command continues it.`);
  if (!isFrequency(study)) return measureCheckpoints(call, store, study);
  const { error } = await workOnStudy({
    ...{ home, id, signal, force },
    onRun: (run) => log(`Training ${run.name} (${run.id}).`),
    onProgress: (run, state) => progress(`${run.name}: ${progressText(state)}`, progressShort(state)),
  });
  if (error) throw new AppError(error);
  const { state } = studyDetails(store, stored(store, id)).study;
  return answer(store, stored(store, id), state === 'completed' ? 0 : signal.aborted ? 130 : 1);
}

/** Follows the process that loads TensorFlow. */
async function measureCheckpoints(call: CommandCall, store: Store, { id }: StoredStudy): Promise<CommandResult> {
  const { home, signal, force, progress } = call;
  const child = startWorker('studier', home, id, false);
  force.addEventListener('abort', child.kill, { once: true });
  signal.addEventListener('abort', child.stop, { once: true });
  let over = false;
  void child.ended.then(() => (over = true));
  let shown = -1;
  while (!over) {
    await sleep(POLL_MS);
    const { done, total } = studyDetails(store, stored(store, id)).progress;
    if (done !== shown) progress(`${done} of ${total} checkpoints`);
    shown = done;
  }
  const study = stored(store, id);
  if (study.error) throw new AppError(study.error);
  return answer(store, study, study.outcome === 'completed' ? 0 : signal.aborted ? 130 : 1);
}

async function stop({ values, signal, log }: CommandCall, store: Store, study: StoredStudy): Promise<CommandResult> {
  const seconds = numberOption(values, 'wait', DEFAULT_WAIT_SECONDS, 0);
  stopStudy(store, study);
  log(`Stopping study ${study.id}: what it does is saved.`);
  const deadline = performance.now() + 1000 * seconds;
  const isBusy = (): boolean => {
    reconcileRuns(store);
    const now = stored(store, study.id);
    return isWorkedOn(now) || isLive(studyDetails(store, now).study.state);
  };
  while (isBusy() && performance.now() < deadline && !signal.aborted) await sleep(POLL_MS);
  return answer(store, stored(store, study.id), signal.aborted ? 130 : isBusy() && seconds > 0 ? 1 : 0);
}

function listed(store: Store): CommandResult {
  const studies = storedStudies(store).map((study) => studyDetails(store, study));
  return { json: { studies: studies.map(({ study }) => study) }, text: studiesText(studies) };
}

async function run(call: CommandCall): Promise<CommandResult> {
  const { positionals, home } = call;
  const [action = '', reference = ''] = positionals;
  if (!ACTIONS.includes(action))
    throw usage(
      action === '' ? 'study needs a kind.' : `There is no study ${action}.`,
      `It can be one of ${ACTIONS.join(', ')}.`,
      'Run `efficienttrain study --help`.',
    );
  needPositionals('study', positionals, action === 'frequency' || action === 'list' ? 1 : 2);
  refuseIgnored(action, call.values);
  return withHome(home, async (store) => {
    reconcileRuns(store);
    if (action === 'list') return listed(store);
    if (action === 'frequency' || action === 'checkpoints') {
      const spec = askedSpec(store, call);
      refuseFrozen(store, spec, (call.values['set'] as string[] | undefined) ?? []);
      return work(call, store, stored(store, openStudy(store, spec)));
    }
    const study = findStudy(store, reference);
    if (action === 'show') return answer(store, study);
    return action === 'stop' ? stop(call, store, study) : work(call, store, study);
  });
}

export const command: Command = {
  name: 'study',
  summary: 'Study what a network learns when: train on low-passed images, or measure the checkpoints of a run.',
  positionals: 'frequency|checkpoints|list|show|resume|stop [RUN|STUDY]',
  options: OPTIONS,
  examples: [
    'efficienttrain study frequency --dataset flowers --model resnet_micro --size 64 --radii 4,8,16 --epochs 20 --batch 32',
    'efficienttrain study checkpoints k3m9 --radii 8,16',
    'efficienttrain study show 4f0c',
    'efficienttrain study resume 4f0c --detach',
  ],
  run,
};
