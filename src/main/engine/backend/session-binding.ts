/** Sessions of captured graphs as the addon has them (backend/native/session_exports.cc). */
import type { HostArray, RunTimes } from '../types';

/** A session in the addon. */
export type Session = object;

export interface SessionInput {
  /** `node:index` */
  ref: string;
  /** TensorFlow's number of the dtype. */
  dtype: number;
  shape: readonly number[];
  values: HostArray;
}

export interface FinishedValues extends RunTimes {
  values: HostArray[];
}

/** Each session has a thread of its own, which runs what it gets in that order. */
export interface SessionBinding {
  /** @param folder of saved_model.pb @throws Error where TensorFlow can't load it */
  openSession: (folder: string) => Session;
  /** Waits for a run that has begun, then closes the session. */
  closeSession: (session: Session) => void;
  /** Prepares a run of these inputs and outputs in a thread of its own; returns at once. */
  prepareRun: (session: Session, inputs: string[], outputs: string[]) => void;
  /**
   * Starts a run and returns at once. Arrays of uint8 that begin at a multiple of 64 bytes are read in place until the
   * run has been finished; all others are copied. @returns the run's number
   */
  startRun: (session: Session, inputs: SessionInput[], outputs: string[]) => number;
  /** Blocks until the run has ended; each run is finished once. @throws Error with TensorFlow's message */
  finishRun: (session: Session, run: number) => FinishedValues;
  /** Returns how many bytes an array's memory begins after a multiple of 64. */
  bytesPastAlignment: (values: HostArray) => number;
}
