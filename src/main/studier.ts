/**
 * A process that works on one study: node studier.js HOME STUDY [--detached]. Without its host it saves what it does
 * and ends, unless it was started to work alone.
 */
import { applyEngineEnvironment } from './engine/backend/environment';
import { workOnStudy } from './services/study/work-on-study';

const [home, id, mode] = process.argv.slice(2);
if (!home || !id) throw new Error('usage: studier.js HOME STUDY [--detached]');

const [stop, gone, force] = [new AbortController(), new AbortController(), new AbortController()];
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
if (mode !== '--detached') {
  process.on('disconnect', () => gone.abort());
  if (!process.connected) gone.abort();
}

// Its trainers set their own threads.
applyEngineEnvironment({ intraOpThreads: null, interOpThreads: null });
try {
  const { outcome, error } = await workOnStudy({
    home,
    id,
    signal: stop.signal,
    gone: gone.signal,
    force: force.signal,
  });
  if (outcome === 'failed') console.error(error);
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
process.exit();
