/**
 * A process that works on one study: node studier.js HOME STUDY [--detached]. Without its host it saves what it does
 * and ends, unless it was started to work alone.
 */
import { applyEngineEnvironment } from './engine/backend/environment';
import { runWorker } from './services/processes/run-worker';
import { workOnStudy } from './services/study/work-on-study';

await runWorker('studier', async (call) => {
  // Its trainers set their own threads.
  applyEngineEnvironment({ intraOpThreads: null, interOpThreads: null });
  const { outcome, error } = await workOnStudy(call);
  if (outcome === 'failed') console.error(error);
});
