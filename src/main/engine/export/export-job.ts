import type { RunConfig } from '../../../shared/run-config';
import type { Plan } from '../../../shared/curriculum/plan';
import type { Model, ModelEntry } from '../types';

/** Everything that an exporter writes from. */
export interface ExportJob {
  entry: ModelEntry;
  model: Model;
  /** By timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
  config: RunConfig;
  plan: Plan;
  classes: readonly string[];
  run: { id: string; name: string; step: number; steps: number; weights: 'ema' | 'raw'; best: { metric: string; value: number; step: number } | null };
  dataset: { name: string; counts: Record<string, number> };
}

export interface Exporter {
  id: string;
  /** What its outputs are, to compare with: logits or probabilities. */
  output: 'logits' | 'probabilities';
  write: (job: ExportJob, folder: string) => void;
  /** Outputs of the written files for uint8 images [count, size, size, 3]: [count, classes]. */
  run: (folder: string, images: Uint8Array, count: number, cacheFolder: string) => Float32Array;
  /** Markdown that loads it. */
  usage: (job: ExportJob) => string;
}

/** What an export says of itself, for its own parity check and for `evaluate FILE`. */
export interface ExportNote {
  model: string;
  size: number;
  num_classes: number;
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

export const noteOf = ({ config, classes }: ExportJob): ExportNote => ({ model: config.model, size: config.size, num_classes: classes.length, mean: config.data.mean, std: config.data.std });
