/** Runs captured graphs in our own sessions where the addon has them, else in those of tfjs-node's own download. */
import type { HostArray } from '../types';
import type { Binding } from './node-backend';
import type { Session, SessionBinding, SessionInput } from './session-binding';
import { AtOnce } from './at-once';

const refs = (list: readonly string[]): string => list.join(',');

/** Makes the sessions of tfjs-node's own download, in which a run has finished before `startRun` returns. */
export function blockingSessions(binding: Binding): SessionBinding {
  const ids = new WeakMap<Session, number>();
  const idOf = (session: Session): number => ids.get(session) as number;
  const atOnce = new AtOnce();
  const ended = new Map<number, ReturnType<typeof atOnce.run<HostArray[]>>>();
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
        atOnce.run(() => run(session, inputs, outputs)),
      );
      return runs;
    },
    finishRun: (_, number) => {
      const finish = ended.get(number);
      if (!finish) throw new Error('there is no such run, or it has been finished already');
      ended.delete(number);
      const { result: values, ...times } = finish();
      return { values, ...times };
    },
    bytesPastAlignment: () => 0,
  };
}

/** Returns the sessions in which a binding runs captured graphs. */
export const sessionsOf = (binding: Binding): SessionBinding =>
  binding.openSession ? (binding as Binding & SessionBinding) : blockingSessions(binding);
