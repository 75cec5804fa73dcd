/**
 * Shared parts of the engine's tests: one thread per op, so that bits don't depend on the machine, and a tiny batch.
 */
import { applyEngineEnvironment } from '../../src/main/engine/backend/environment';

applyEngineEnvironment({ intraOpThreads: 2, interOpThreads: 1 });

const { loadBackend } = await import('../../src/main/engine/backend/load');
export const loaded = loadBackend();

/** Why engine tests can't run here, or null. */
export const engineMissing: string | null = loaded.backend
  ? null
  : 'the TensorFlow engine is not installed (run `npm run engine`)';

const { kernelsUsable } = await import('../../src/main/engine/backend/kernels');
/** Whether our own ops run here. */
export const ownOps = loaded.backend !== null && kernelsUsable(loaded.engine, loaded.backend.binding);
