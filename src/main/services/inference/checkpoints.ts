/** Loads a run's weights from one of its checkpoints. */
import { AppError } from '../../../shared/errors';
import type { RunConfig } from '../../../shared/run-config';
import { modelEntry } from '../../engine/models';
import { emaName } from '../../engine/optim/ema';
import { bestCheckpoint, type BestCheckpoint } from '../../engine/train/best-checkpoint';
import { modelOf } from '../../engine/train/setup';
import {
  listCheckpoints,
  loadCheckpointState,
  newestCheckpoint,
  openCheckpoint,
  type Checkpoint,
} from '../../engine/train/checkpoint';
import type { Model, ModelEntry } from '../../engine/types';
import { runFolder } from '../../base/home';
import { findDataset, type Dataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import type { Run } from '../../store/runs';

export interface WeightChoice {
  /** A number means the checkpoint after so many steps. */
  checkpoint: 'best' | 'last' | number;
  /** Null: ema if the run has it. */
  weights: 'ema' | 'raw' | null;
}

export interface RunWeights {
  run: Run;
  config: RunConfig;
  dataset: Dataset;
  entry: ModelEntry;
  model: Model;
  /** Values by timm's name, in the engine's layouts. */
  values: Record<string, Float32Array>;
  weights: 'ema' | 'raw';
  step: number;
  /** Why these are not the requested best weights; null where they are the requested ones. */
  instead: AppError | null;
}

function noCheckpoint(run: Run): AppError {
  const is = `It is ${run.state} after ${run.step} steps`;
  return new AppError({
    code: 'checkpoint_invalid',
    ...(run.state === 'completed'
      ? {
          what: `Run ${run.name} has no checkpoint any more.`,
          why: `${is}. A search removes those of its trials that no later trial needs; others were removed by hand.`,
          next: 'Train it again, or use the run that the search has kept for the found schedule: its tag is the name of the search.',
        }
      : {
          what: `Run ${run.name} has no checkpoint yet.`,
          why: `${is}.`,
          next: 'Let it train to its first evaluation, or pause it: both save one.',
        }),
  });
}

async function choose(home: string, run: Run, which: WeightChoice['checkpoint']): Promise<BestCheckpoint> {
  const folder = runFolder(home, run.id);
  const { checkpoint } = await newestCheckpoint(folder);
  if (!checkpoint) throw noCheckpoint(run);
  if (typeof which === 'number') return { checkpoint: await checkpointOf(run, folder, which), instead: null };
  return which === 'last' ? { checkpoint, instead: null } : bestCheckpoint(folder, checkpoint);
}

async function checkpointOf(run: Run, folder: string, step: number): Promise<Checkpoint> {
  const kept = listCheckpoints(folder);
  const found = kept.find((checkpoint) => checkpoint.step === step);
  if (found) return openCheckpoint(found.folder);
  throw new AppError({
    code: 'checkpoint_invalid',
    what: `Run ${run.name} has no checkpoint of step ${step}.`,
    why: `Those that are kept are of the steps ${kept.map((checkpoint) => checkpoint.step).join(', ')}.`,
    next: `Name one of these, as in run:${run.id}@${kept[0]?.step}, or the run alone for its best.`,
    action: { id: 'best_checkpoint' },
  });
}

/** Loads a run's weights. @throws AppError checkpoint_invalid, invalid_config (EMA asked of a run without) */
export async function loadRunWeights(
  home: string,
  store: Store,
  run: Run,
  { checkpoint, weights }: WeightChoice,
): Promise<RunWeights> {
  const { config } = run;
  const hasEma = config.ema.decay !== null;
  if (weights === 'ema' && !hasEma) {
    throw new AppError({
      code: 'invalid_config',
      what: `Run ${run.name} has no EMA weights.`,
      why: 'Its ema.decay is null.',
      next: 'Use --weights raw.',
      action: { id: 'raw_weights' },
    });
  }
  const { checkpoint: chosen, instead } = await choose(home, run, checkpoint);
  const state = loadCheckpointState(chosen);
  const dataset = findDataset(store, config.dataset);
  const entry = modelEntry(config.model);
  const model = modelOf(config, dataset.classes.length);
  const used = weights ?? (hasEma ? 'ema' : 'raw');
  const values = Object.fromEntries(
    model.params.map(({ name }) => [name, state[used === 'ema' ? emaName(name) : name] as Float32Array]),
  );
  return { run, config, dataset, entry, model, values, weights: used, step: chosen.info.step, instead };
}
