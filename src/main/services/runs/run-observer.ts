import type { ErrorData } from '../../../shared/errors';
import type { RunState } from '../../../shared/run-state';
import type { EvaluationDetail } from '../../engine/tasks/evaluation';
import type { Weights } from '../../engine/tasks/signature-names';
import type { Best } from '../../../shared/contract/common';
import type { Checkpoint } from '../../engine/train/checkpoint';
import type { StageReport, StepReport, TrainObserver } from '../../engine/train/observer';
import { drawnMagnitude } from '../../../shared/curriculum/magnitudes';
import { positionAt, type Plan } from '../../../shared/curriculum/plan';
import { Estimator } from '../../engine/train/estimator';
import type { TrainerMessage } from '../../engine/train/protocol';
import type { Recorder } from '../../store/recorder';
import { BORDER_EVENT, type BorderDecision } from '../../../shared/contract/borders';
import type { Run } from '../../store/runs';
import type { RunProgress } from '../../../shared/contract/runs';

const SHOW_EVERY_MS = 200;
/** Time between two updates of the store, which hosts read that did not start this trainer. */
const SAVE_EVERY_MS = 500;

export interface ObserverOptions {
  /** Name of the series that decides which checkpoint is the best; its last value is shown during training. */
  bestMetric: string;
  send: (message: TrainerMessage) => void;
  asked: () => 'pause' | 'stop' | 'interrupt' | null;
}

/** Writes the loop's reports into the store, and shows them to the host. */
export class RunObserver implements TrainObserver {
  finishedSteps: number;
  lastCheckpoint: string | null = null;
  private loss: number | null = null;
  private measured: RunProgress['measured'] = null;
  private wallMs = 0;
  private stageIndex = 0;
  private doing = 'preparing';
  private estimator: Estimator | null = null;
  private shown = 0;
  private saved = 0;
  private state: RunState = 'preparing';
  private toldTrouble: string | null = null;

  constructor(
    private readonly run: Run,
    private readonly recorder: Recorder,
    private readonly options: ObserverOptions,
  ) {
    this.finishedSteps = run.step;
    this.wallMs = run.wall_seconds * 1000;
  }

  requested(): 'pause' | 'stop' | 'interrupt' | null {
    const asked = this.options.asked() ?? this.recorder.requested();
    if (asked) this.state = asked === 'pause' ? 'pausing' : 'stopping';
    return asked;
  }

  activity(what: string): void {
    this.doing = what;
    this.show(true);
  }

  engine(facts: unknown): void {
    this.recorder.write({ kind: 'run', engine: facts });
  }

  running(): void {
    this.state = 'running';
    this.doing = 'training';
    this.estimator = new Estimator(this.run, this.finishedSteps);
    this.recorder.write({ kind: 'run', state: 'running' });
    this.event(
      this.finishedSteps,
      'started',
      this.finishedSteps ? `Resumed after step ${this.finishedSteps}.` : 'Started.',
    );
  }

  /** Begins after `step` finished steps, and deletes everything that was recorded after them. */
  resumed(step: number, best: Best | null): void {
    this.finishedSteps = step;
    this.recorder.write({ kind: 'truncate', step });
    this.recorder.write({ kind: 'run', step, best });
  }

  planned(plan: Plan): void {
    this.run.plan = plan;
    this.run.steps = plan.totals.steps;
    this.recorder.write({ kind: 'run', plan });
  }

  decided(decision: BorderDecision, sentence: string): void {
    const time = new Date().toISOString();
    this.recorder.write({
      ...{ kind: 'event', step: decision.step, time, name: BORDER_EVENT, message: sentence, data: decision },
    });
    this.options.send({ type: 'log', text: sentence });
  }

  step({ step, stage, equivalentEpochs, wallMs, values }: StepReport): void {
    this.finishedSteps = step;
    this.stageIndex = stage;
    this.wallMs = wallMs;
    this.doing = 'training';
    this.loss = values['train/loss'] ?? this.loss;
    const value = values[this.options.bestMetric];
    if (value !== undefined) this.measured = { metric: this.options.bestMetric, value };
    this.recorder.write({ kind: 'points', step, values, wallMs, equivalentEpochs });
    if (values['train/loss'] !== undefined) this.estimator?.step(this.run.plan.stages[stage]?.batch ?? 0);
    this.tellTrouble();
    this.show(false);
  }

  stage(report: StageReport): void {
    this.recorder.write({ kind: 'stage', ...report });
  }

  evaluated(step: number, weights: Weights, details: readonly EvaluationDetail[], best: Best | null): void {
    for (const { kind: detail, json, blob } of details)
      this.recorder.write({ kind: 'evaluation', step, weights, detail, json, blob });
    this.recorder.write({ kind: 'run', best });
  }

  async settled(): Promise<void> {
    // The result is false where the database can't be written now. The entries then wait, and the checkpoint is still
    // saved.
    await this.recorder.flush();
    // This throws where another process has the run; the last write has noticed it.
    this.recorder.requested();
  }

  checkpointed({ folder, info }: Checkpoint, removed: string[]): void {
    this.lastCheckpoint = folder;
    this.recorder.write({
      kind: 'checkpoint',
      step: info.step,
      folder,
      sha256: info.sha256,
      bytes: info.bytes,
      created: info.created,
      removed,
    });
  }

  event(step: number, kind: string, message: string): void {
    this.record(step, kind, message);
    this.options.send({ type: 'log', text: message });
  }

  private record(step: number, kind: string, message: string): void {
    this.recorder.write({ kind: 'event', step, time: new Date().toISOString(), name: kind, message });
  }

  finish(state: RunState, error: ErrorData | null): void {
    this.state = state;
    // The host itself reports an error, with the next step.
    if (error) this.record(this.finishedSteps, state, `${error.what} ${error.why}`);
    else
      this.event(
        this.finishedSteps,
        state,
        `${state[0]?.toUpperCase()}${state.slice(1)} after ${this.finishedSteps} of ${this.run.steps} steps.`,
      );
    this.recorder.write({
      kind: 'run',
      state,
      step: this.finishedSteps,
      error,
      wallSeconds: this.wallMs / 1000,
      progress: null,
      ended: new Date().toISOString(),
      release: true,
    });
  }

  /** Reports each kind of trouble once; training continues meanwhile. */
  private tellTrouble(): void {
    const trouble = this.recorder.trouble;
    if (!trouble || trouble.code === this.toldTrouble) return;
    this.toldTrouble = trouble.code;
    this.options.send({
      type: 'log',
      text: `${trouble.what} ${trouble.why} Training continues; what it records is kept and written later.`,
    });
  }

  private show(now: boolean): void {
    const at = performance.now();
    const [showing, saving] = [now || at - this.shown >= SHOW_EVERY_MS, now || at - this.saved >= SAVE_EVERY_MS];
    if (!showing && !saving) return;
    const { plan, config } = this.run;
    const { stages } = plan;
    const stage = stages[this.stageIndex];
    const magnitude = drawnMagnitude(stage?.magnitude ?? 0, config.data);
    const left = this.estimator?.left(this.finishedSteps) ?? { stage: null, run: null };
    const view = {
      ...{ activity: this.doing, stage: this.stageIndex, bandwidth: stage?.bandwidth ?? 0, magnitude },
      ...{ loss: this.loss, measured: this.measured, throughput: this.estimator?.throughput() ?? null },
    };
    if (showing) {
      this.shown = at;
      const { finishedSteps: step, state } = this;
      const compute = positionAt(this.run.plan, step).t;
      const sizes = { step, steps: this.run.steps, stages: stages.length, compute };
      this.options.send({
        type: 'progress',
        state,
        ...sizes,
        ...view,
        stageSecondsLeft: left.stage,
        runSecondsLeft: left.run,
      });
    }
    if (saving) {
      this.saved = at;
      const progress = { ...view, stage_seconds_left: left.stage, run_seconds_left: left.run } satisfies RunProgress;
      // Until its first step, a resumed run shows its former values.
      const done = this.estimator ? { step: this.finishedSteps } : {};
      this.recorder.write({ kind: 'run', ...done, wallSeconds: this.wallMs / 1000, progress });
    }
  }
}
