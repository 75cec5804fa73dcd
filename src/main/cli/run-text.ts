import { availableParallelism } from 'node:os';
import { bottleneckOf, type Bottleneck, type TimeSpent } from '../../shared/bottleneck';
import { metricOf } from '../../shared/metrics';
import { replayFigures, type ReplayedStage } from '../../shared/replay-figures';
import type { RunConfig } from '../../shared/run-config';
import { shownState } from '../../shared/run-state';
import type { Progress } from '../engine/train/protocol';
import type { Run } from '../store/runs';
import { clock, duration, metricText, percent, significant } from './format';

/** Names and formats a metric; accuracies need no name here. */
export function measuredText({ metric, value }: NonNullable<Progress['measured']>): string {
  const { id, name } = metricOf(metric);
  return `val ${id === 'top1' ? '' : `${name} `}${metricText(metric, value)}`;
}

/** Returns the live line of a run. */
export function progressText({
  state,
  activity,
  step,
  steps,
  compute,
  stage,
  stages,
  bandwidth,
  magnitude,
  loss,
  measured,
  throughput,
  stageSecondsLeft,
  runSecondsLeft,
}: Progress): string {
  const parts = [
    `stage ${stage + 1}/${stages} B ${bandwidth}${magnitude === null ? '' : ` m ${significant(magnitude, 2)}`}`,
    `${(100 * compute).toFixed(0)} % of compute`,
    `step ${step}/${steps}`,
  ];
  if (loss !== null) parts.push(`loss ${loss.toFixed(3)}`);
  if (measured) parts.push(measuredText(measured));
  if (throughput !== null) parts.push(`${significant(throughput, 3)} img/s`);
  if (runSecondsLeft !== null)
    parts.push(`about ${duration(stageSecondsLeft)} of stage, ${duration(runSecondsLeft)} of run left`);
  const doing =
    state === 'running' && activity === 'training'
      ? ''
      : `${state === 'running' ? activity : `${state}, ${activity}`}: `;
  return `${doing}${parts.join(' · ')}`;
}

/** Returns the line for a terminal of 80 columns: everything that changes, without the plan. */
export function progressShort(progress: Progress): string {
  const {
    state,
    activity,
    step,
    compute,
    stage,
    stages,
    loss,
    measured,
    throughput,
    stageSecondsLeft,
    runSecondsLeft,
  } = progress;
  const parts = [`${(100 * compute).toFixed(0)} %`, `stage ${stage + 1}/${stages}`, `step ${step}`];
  if (loss !== null) parts.push(`loss ${loss.toFixed(3)}`);
  if (measured) parts.push(measuredText(measured));
  if (throughput !== null) parts.push(`${Number(throughput.toPrecision(3))} img/s`);
  if (runSecondsLeft !== null) parts.push(`ETA ${clock(stageSecondsLeft)}/${clock(runSecondsLeft)}`);
  const doing = state === 'running' && activity === 'training' ? '' : `${state === 'running' ? activity : state}: `;
  return `${doing}${parts.join(' ')}`;
}

/** Returns a run as scripts see it. */
export function runJson(run: Run): Record<string, unknown> {
  const {
    id,
    name,
    state,
    queue_position,
    step,
    steps,
    best,
    config,
    model,
    dataset_id,
    created,
    started,
    ended,
    wall_seconds,
    error,
    origin,
    plan,
    engine,
    device,
    tags,
    notes,
    parent,
  } = run;
  return {
    id,
    name,
    state,
    queue_position,
    step,
    steps,
    best,
    model,
    dataset: dataset_id,
    created,
    started,
    ended,
    wall_seconds,
    error,
    config,
    origin,
    plan,
    engine,
    device,
    tags,
    notes,
    parent: parent && { run: parent.run, name: parent.name, step: parent.step },
  };
}

const ADVICE: Record<Bottleneck['advice'], (workers: number) => string> = {
  more_workers: (workers) => `Raise data.workers (now ${workers}; this machine has ${availableParallelism()} cores).`,
  less_loading: () =>
    'Every core is loading images already: fewer randaug_num_ops, smaller originals or a faster disk would help.',
  device: () => 'More workers would change nothing.',
};

/** Says what the steps of some stages wait for; empty before there are any. */
export function bottleneckText(stages: readonly TimeSpent[], { data }: RunConfig): string {
  const found = bottleneckOf(stages, data.workers, availableParallelism());
  if (!found) return '';
  const share = percent(found.waiting);
  const what =
    found.by === 'loader'
      ? `Loader-bound: ${share} of the time the device waited for images.`
      : `Device-bound: only ${share} of the time was waiting for images.`;
  return `${what} ${ADVICE[found.advice](data.workers)}`;
}

/** Says how many loads the replay buffer has saved; empty where no stage replays. */
export function replayText(stages: readonly ReplayedStage[]): string[] {
  const { images, decoded, replayed, saved, waiting } = replayFigures(stages);
  if (!stages.some(({ replay_times }) => replay_times > 1) || !images) return [];
  return [
    `Replay: ${images.toLocaleString('en')} images trained, ${decoded.toLocaleString('en')} of them decoded and ` +
      `${replayed.toLocaleString('en')} replayed, so ${percent(saved)} of the loads were saved; the device waited for images ` +
      `${percent(waiting)} of the time.`,
  ];
}

/** Says how a run has ended, and what can be done next. */
export function outcomeText(run: Run): string {
  const best = run.best
    ? `Best ${run.best.metric} ${metricText(run.best.metric, run.best.value)} at step ${run.best.step}.`
    : 'Not evaluated yet.';
  const state = shownState(run);
  const far = `after ${run.step} of ${run.steps} steps, ${duration(run.wall_seconds)}. ${best}`;
  const head = `Run ${run.name} (${run.id}): ${state === 'not_started' ? `not started, ${run.steps} steps.` : `${state} ${far}`}`;
  const next =
    run.state === 'completed'
      ? `Next: efficienttrain show ${run.id}; efficienttrain export ${run.id} --format safetensors --out DIR`
      : `Next: efficienttrain resume ${run.id}`;
  return `${head}\n${next}`;
}
