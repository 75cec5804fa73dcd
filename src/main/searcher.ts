/**
 * Makes the trials of one search in a process of its own: node searcher.js HOME SEARCH [--detached]. Without its host
 * it saves its state and ends, unless it was started to search alone.
 */
import { runSearch } from './services/search/run-search';

const [home, id, mode] = process.argv.slice(2);
if (!home || !id) throw new Error('usage: searcher.js HOME SEARCH [--detached]');

const [stop, gone, force] = [new AbortController(), new AbortController(), new AbortController()];
for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => stop.abort());
if (mode !== '--detached') {
  process.on('disconnect', () => gone.abort());
  if (!process.connected) gone.abort();
}

try {
  await runSearch({
    ...{ home, id, signal: stop.signal, gone: gone.signal, force: force.signal },
    onProgress: () => undefined,
    onLog: (line) => console.log(line),
  });
} catch (error) {
  console.error(error);
  process.exitCode = 1;
}
if (process.connected) process.disconnect();
process.exit();
