/**
 * Makes the trials of one search in a process of its own: node searcher.js HOME SEARCH [--detached]. Without its host
 * it saves its state and ends, unless it was started to search alone.
 */
import { runWorker } from './services/processes/run-worker';
import { runSearch } from './services/search/run-search';

await runWorker('searcher', async (call) => {
  await runSearch({ ...call, onProgress: () => undefined, onLog: (line) => console.log(line) });
});
