/**
 * The interface of a task. Each task is one file in this folder, named like its id and exporting `task`; the folder is
 * the registry.
 */
import type { Direction } from '../../../shared/metrics';
import type { RunConfig } from '../../../shared/run-config';
import type { Model, ModelEntry } from '../types';
import type { Evaluation } from './evaluation';
import type { TrainingOptions, TrainingProgram } from './training-program';
import type { View } from './view';

export interface ModelSettings {
  /** Number of classes of the dataset; 0 where it has none. */
  classes: number;
  /** The run's final size in pixels. */
  size: number;
  drop_path_rate: number;
  drop_rate: number;
}

export interface Task {
  readonly id: string;
  /** Whether every image needs a class. */
  readonly needsLabels: boolean;
  /** The series whose best value decides which checkpoint is the best. */
  readonly best: { readonly metric: string; readonly better: Direction };
  /** Other series that `eval.best` may name. */
  readonly otherBest?: readonly string[];
  /**
   * Makes the network as this task trains it. @param config null for weights that come from no run
   * @throws AppError invalid_config where the model can't be trained by it
   */
  createModel: (entry: ModelEntry, settings: ModelSettings, config: RunConfig | null) => Model;
  training: (model: Model, config: RunConfig, options: Omit<TrainingOptions, 'params'>) => TrainingProgram;
  /** Makes the task's evaluation. @param config null for weights that come from no run */
  evaluation: (model: Model, view: View, config: RunConfig | null) => Evaluation;
  /** Returns the configuration's fields that are constants of the graph, beside those that every task has. */
  graphKey: (config: RunConfig) => unknown;
}
