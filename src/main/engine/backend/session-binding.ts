/** Sessions of captured graphs as the addon has them (backend/native/session_exports.cc). */
import type { HostArray, RunTimes } from '../types';

/** A session in the addon. */
export type Session = object;

export interface SessionInput {
  /** `node:index` */
  ref: string;
  /** TensorFlow's number of the type. */
  dtype: number;
  shape: readonly number[];
  values: HostArray;
}

export interface FinishedValues extends RunTimes {
  values: HostArray[];
}

/** Each session has a thread of its own, which runs what it is handed in that order. */
export interface SessionBinding {
  /** @param folder of saved_model.pb @throws Error where TensorFlow can't load it */
  openSession: (folder: string) => Session;
  /** Waits for the run that has begun, if any. */
  closeSession: (session: Session) => void;
  /** Gets a run of these ends ready in a thread of its own; returns at once. */
  prepareRun: (session: Session, inputs: string[], outputs: string[]) => void;
  /**
   * Hands a run over and returns at once. Arrays of uint8 that begin at a multiple of 64 are read where they lie, until
   * the run has been finished; all others are copied. @returns the run's number
   */
  startRun: (session: Session, inputs: SessionInput[], outputs: string[]) => number;
  /** Blocks until the run is done; each run is finished once. @throws Error with what TensorFlow says */
  finishRun: (session: Session, run: number) => FinishedValues;
  /** How many bytes an array's memory begins behind a multiple of 64. */
  bytesPastAlignment: (values: HostArray) => number;
}
