/** Defines how a task measures a split: its signatures, and meters that add up their results. */
import type { Metric } from '../../../shared/metrics';
import type { EvalBatch } from '../data/loader/eval-loader';
import type { HostArray, Signature } from '../types';
import type { Weights } from './signature-names';

export interface Measurement {
  /** Side of the model's input in px. */
  bandwidth: number;
  /** Number of images on the device at once. */
  batch: number;
  weights: Weights;
  /** Whether everything that a dump holds is returned from the device. */
  dumped?: boolean;
}

/** A result of an evaluation beside its figures, as the task packs it: small facts as JSON, large ones as bytes. */
export interface EvaluationDetail {
  kind: string;
  json: unknown;
  blob: Uint8Array | null;
}

export interface MeasuredSplit {
  /** Number of images that were measured. */
  count: number;
  /** Number of them for which the model gives no finite answer. */
  nonFinite: number;
  /** Figures by metric id; null where one would mean nothing, NaN where it is not a number. */
  figures: Record<string, number | null>;
  details: EvaluationDetail[];
}

/** One array of an evaluation's dump, with a row for each image. */
export interface DumpedArray {
  dtype: 'float32' | 'int64';
  /** Shape of a row. */
  shape: readonly number[];
}

/** Adds up the results of one pass over a split. */
export interface Meter {
  readonly signature: string;
  /** @param first index of the batch's first image in the split */
  inputs: (batch: EvalBatch, first: number) => Record<string, HostArray>;
  add: (outputs: Readonly<Record<string, HostArray>>, batch: EvalBatch, first: number) => void;
  result: () => MeasuredSplit;
}

export interface Evaluation {
  /** Metrics of a pass, in the order in which they are shown. `atStage`: also at the size that a stage trains at. */
  metrics: readonly (Pick<Metric, 'id'> & { atStage: boolean })[];
  signature: (measurement: Measurement) => Signature;
  meter: (measurement: Measurement) => Meter;
  /**
   * The feature whose k-NN accuracy (inference/knn.ts) is measured, too, in a run's own evaluations of labelled images.
   * It is the figure `knn_top1` of the raw weights at the final size.
   */
  knn?: { readonly feature: string };
  /** Arrays of a dump beside images and file names; `rows` returns them for the first images of a batch. */
  dump: {
    arrays: (measurement: Measurement) => Record<string, DumpedArray>;
    rows: (
      outputs: Readonly<Record<string, HostArray>>,
      inputs: Readonly<Record<string, HostArray>>,
      count: number,
    ) => Record<string, HostArray | BigInt64Array>;
  };
}
