import { loadBinding } from '../../backend/load';
import { locateEngine } from '../../backend/locate';
import type { Binding } from '../../capture/node-backend';
import type { SampleTable } from '../../types';

/**
 * TensorFlow for the fast path, or null where no sample takes it or there is no engine: it costs a thread a quarter of a second and a context
 * of its own. The thread that starts workers has to ask for it too: Node unloads an addon when the last thread that loaded it ends, and
 * libtensorflow crashes the process when it is unloaded.
 */
export const partialDecoder = (table: SampleTable): Binding | null =>
  table.fast.includes(1) && locateEngine().kind !== 'tfjs-cpu' ? loadBinding() : null;
