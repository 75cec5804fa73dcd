/** Sessions of captured graphs as the addon has them (backend/native/session_exports.cc). */
import type { HostArray } from '../types';
import type { Binding } from './node-backend';
import { settled } from './settled';

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
  finishRun: (session: Session, run: number) => HostArray[];
  /** How many bytes an array's memory begins behind a multiple of 64. */
  bytesPastAlignment: (values: HostArray) => number;
}

const refs = (list: readonly string[]): string => list.join(',');

/** The same on what tfjs-node's own download can do: a run is over before `startRun` returns. */
export function blockingSessions(binding: Binding): SessionBinding {
  const ids = new WeakMap<Session, number>();
  const idOf = (session: Session): number => ids.get(session) as number;
  const ended = new Map<number, () => HostArray[]>();
  let runs = 0;
  const run = (session: Session, inputs: SessionInput[], outputs: string[]): HostArray[] => {
    const fed: number[] = [];
    try {
      for (const { shape, dtype, values } of inputs) fed.push(binding.createTensor(shape, dtype, values));
      const made = binding.runSavedModel(idOf(session), fed, refs(inputs.map(({ ref }) => ref)), refs(outputs));
      return made.map(({ id }) => {
        const values = binding.tensorDataSync(id);
        binding.deleteTensor(id);
        return values;
      });
    } finally {
      for (const id of fed) binding.deleteTensor(id);
    }
  };
  return {
    openSession: (folder) => {
      const session = {};
      ids.set(session, binding.loadSavedModel(folder, 'serve'));
      return session;
    },
    closeSession: (session) => binding.deleteSavedModel(idOf(session)),
    prepareRun: () => undefined,
    startRun: (session, inputs, outputs) => {
      ended.set(
        ++runs,
        settled(() => run(session, inputs, outputs)),
      );
      return runs;
    },
    finishRun: (_, number) => {
      const results = ended.get(number);
      if (!results) throw new Error('there is no such run, or it has been finished already');
      ended.delete(number);
      return results();
    },
    bytesPastAlignment: () => 0,
  };
}

/** What a binding runs captured graphs with. */
export const sessionsOf = (binding: Binding): SessionBinding =>
  binding.openSession ? (binding as Binding & SessionBinding) : blockingSessions(binding);
