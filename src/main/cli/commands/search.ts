import { setTimeout as sleep } from 'node:timers/promises';
import { searchRequestSchema, type SearchRequest } from '../../../shared/contract/searches';
import { AppError } from '../../../shared/errors';
import { isLive } from '../../../shared/run-state';
import { withHome } from '../../services/runs/runs';
import { searchDetails } from '../../services/search/details';
import { searchSpec } from '../../services/search/new-search';
import { runSearch } from '../../services/search/run-search';
import { startWorker } from '../../services/processes/worker-process';
import { refuseUnlessStartable } from '../../services/search/startable';
import { refuseFullDisk, stateRoom } from '../../services/search/state-room';
import { findDataset } from '../../store/datasets';
import type { Store } from '../../store/open';
import {
  createSearch,
  findSearch,
  listSearches,
  queueSearch,
  reconcileSearches,
  requestSearchStop,
  searchById,
  type Search,
} from '../../store/searches';
import type { Command, CommandCall, CommandOption, CommandResult } from '../command';
import { bytes, percent, significant, table } from '../format';
import {
  choiceOption,
  needPositionals,
  numberOption,
  optionalCount,
  optionalNumber,
  refuseOptions,
  textOption,
} from '../options';
import { progressShort, progressText } from '../run-text';
import { searchText } from '../search-text';

const DEFAULT_WAIT_SECONDS = 120;
const ACTIONS = ['list', 'show', 'resume', 'stop'];

const OPTIONS: Record<string, CommandOption> = {
  algorithm: {
    type: 'string',
    value: '1|2',
    description:
      "1: the smallest sizes that keep the baseline's accuracy; 2: the best accuracy for beta times its compute (default 2)",
  },
  dataset: { type: 'string', value: 'DATASET', description: 'id, prefix or name' },
  model: { type: 'string', value: 'MODEL', description: 'see `efficienttrain models`' },
  size: { type: 'string', value: 'PX', description: "final image size (default: the model's)" },
  stages: { type: 'string', value: 'N', description: 'stages of the schedule (default 5)' },
  candidates: {
    type: 'string',
    value: 'auto|B,B,...',
    description:
      'sizes to choose from, with the final size; auto: 96, 128, 160, 192 and 224 px in 224, as the model takes them',
  },
  epochs: { type: 'string', value: 'E', description: "the baseline's equivalent epochs (default 200)" },
  beta: {
    type: 'string',
    value: 'SHARE',
    description: "algorithm 2: a schedule's compute over the baseline's (default 2/3)",
  },
  'finetune-epochs': {
    type: 'string',
    value: 'E',
    description: 'algorithm 2: equivalent epochs at the final size behind each trial (default --epochs / 20)',
  },
  tolerance: { type: 'string', value: 'SHARE', description: 'accuracy, 0 to 1, that counts as equal (default 0)' },
  seeds: { type: 'string', value: 'N', description: 'seeds of each trial (default 1)' },
  'max-seeds': {
    type: 'string',
    value: 'N',
    description: 'seeds at most of trials whose intervals overlap (default: --seeds)',
  },
  overlap: {
    type: 'string',
    value: 'cheaper|mean',
    description: 'of trials whose intervals still overlap, take the cheaper one or the highest mean (default cheaper)',
  },
  'max-hours': { type: 'string', value: 'H', description: 'stop with the best found after so many hours' },
  batch: { type: 'string', value: 'N', description: 'images a step' },
  name: { type: 'string', value: 'NAME', description: "the search's name" },
  config: {
    type: 'string',
    value: 'FILE',
    description: 'JSON configuration of the runs, any part of it but the schedule',
  },
  set: {
    type: 'string',
    value: 'FIELD=VALUE',
    multiple: true,
    description: "one field of the runs' configuration, e.g. optimizer.base_lr=1e-3",
  },
  wait: {
    type: 'string',
    value: 'SECONDS',
    description: `stop: how long to wait for it to confirm (default ${DEFAULT_WAIT_SECONDS}; 0: only ask)`,
  },
  detach: { type: 'boolean', description: 'search in the background and return at once' },
};

/** Options of each action; those of a new search are all but the ones of others. */
const TAKEN: Record<string, readonly string[]> = { list: [], show: [], resume: ['detach'], stop: ['wait'] };

/** Refuses options that the action would ignore. @throws AppError usage */
function refuseIgnored(action: string | undefined, values: CommandCall['values']): void {
  const taken = action === undefined ? null : (TAKEN[action] ?? []);
  const ignored = Object.keys(OPTIONS).filter((name) => (taken ? !taken.includes(name) : name === 'wait'));
  refuseOptions(values, ignored, {
    where: action === undefined ? 'for a new search' : `with search ${action}`,
    why: action === 'resume' ? 'A search goes on as it was begun.' : 'It has no effect there.',
  });
}

const usage = (what: string, why: string, next: string): AppError => new AppError({ code: 'usage', what, why, next });

function need(values: CommandCall['values'], name: string): string {
  const value = textOption(values, name);
  if (value !== undefined) return value;
  throw usage(`search needs --${name}.`, 'It was not given.', 'Run `efficienttrain search --help` for an example.');
}

/** @throws AppError usage */
function candidatesOption(values: CommandCall['values']): number[] | null {
  const text = textOption(values, 'candidates') ?? 'auto';
  if (text === 'auto') return null;
  const sides = text.split(',').map(Number);
  if (sides.every((side) => Number.isInteger(side) && side >= 1)) return sides;
  throw usage(
    `--candidates ${text} can't be used.`,
    'It has to be auto, or sizes in pixels with commas between.',
    'For example --candidates 96,160,224.',
  );
}

function requestOf(values: CommandCall['values']): SearchRequest {
  return searchRequestSchema.parse({
    ...{ name: textOption(values, 'name'), algorithm: Number(choiceOption(values, 'algorithm', ['1', '2'], '2')) },
    ...{ dataset: need(values, 'dataset'), model: need(values, 'model'), size: optionalCount(values, 'size') },
    ...{ stages: optionalCount(values, 'stages'), candidates: candidatesOption(values) },
    epochs: optionalNumber(values, 'epochs', Number.MIN_VALUE),
    beta: numberOption(values, 'beta', 2 / 3, Number.MIN_VALUE, 10),
    finetune_epochs: optionalNumber(values, 'finetune-epochs', Number.MIN_VALUE),
    tolerance: numberOption(values, 'tolerance', 0, 0, 1),
    ...{ seeds: optionalCount(values, 'seeds'), max_seeds: optionalCount(values, 'max-seeds') },
    overlap: choiceOption(values, 'overlap', ['cheaper', 'mean'], 'cheaper'),
    max_hours: optionalNumber(values, 'max-hours', Number.MIN_VALUE),
    batch: optionalCount(values, 'batch'),
  });
}

const answer = (store: Store, search: Search, exitCode = 0): CommandResult => {
  const details = searchDetails(store, search);
  const { name, created, started, ended, error, reason, runs, progress, spec } = details;
  const { seeds, max_seeds, tolerance, overlap } = spec;
  return {
    json: {
      ...{ search: details.search, name, created, started, ended, error, reason, runs, progress },
      rule: { seeds, max_seeds, tolerance, overlap },
    },
    text: searchText(details),
    exitCode,
  };
};

/** Searches in this process, or in one of its own. */
async function make(call: CommandCall, store: Store, id: string): Promise<CommandResult> {
  const { values, home, signal, force, log, progress } = call;
  const search = searchById(store, id) as Search;
  const room = refuseUnlessStartable(home, store, search);
  const disk = `It keeps at most ${room.states} states of its trials at once (${bytes(room.needed)} more; ${bytes(room.free)} are free).`;
  queueSearch(store, id);
  if (values['detach'] === true) {
    startWorker('searcher', home, id, true);
    const result = answer(store, searchById(store, id) as Search);
    const text = `Search ${search.name} (${id}) runs in the background. ${disk}\nNext: efficienttrain search show ${id}; efficienttrain search stop ${id}`;
    return { ...result, text };
  }
  log(`Search ${search.name} (${id}). Ctrl-C saves its state and stops; twice ends at once. ${disk}`);
  const ended = await runSearch({
    ...{ home, id, signal, force, gone: new AbortController().signal },
    onProgress: ({ number, subject }, { name }, state) =>
      progress(
        `trial ${number}, ${name}: ${progressText(state)}`,
        `${subject === null ? 'baseline' : `trial ${number}`} ${progressShort(state)}`,
      ),
    onLog: () => undefined,
  });
  if (ended.error) throw new AppError(ended.error);
  return answer(store, ended, signal.aborted ? 130 : 0);
}

const POLL_MS = 200;

async function stop({ values, signal, log }: CommandCall, store: Store, search: Search): Promise<CommandResult> {
  const seconds = numberOption(values, 'wait', DEFAULT_WAIT_SECONDS, 0);
  requestSearchStop(store, search);
  log(`Stopping ${search.name}: its run saves a checkpoint.`);
  const deadline = performance.now() + 1000 * seconds;
  let now = searchById(store, search.id) as Search;
  while (isLive(now.state) && performance.now() < deadline && !signal.aborted) {
    await sleep(POLL_MS);
    reconcileSearches(store);
    now = searchById(store, search.id) as Search;
  }
  return answer(store, now, signal.aborted ? 130 : isLive(now.state) && seconds > 0 ? 1 : 0);
}

function listed(store: Store): CommandResult {
  const all = listSearches(store).map((search) => searchDetails(store, search));
  const rows = all.map(({ search, name, spec }) => [
    ...[search.id, name, search.state, String(search.algorithm), spec.base.model, percent(search.baseline.top1)],
    ...[
      search.chosen?.join(', ') ?? '-',
      search.cost === null ? '-' : significant(search.cost, 4),
      search.preset ?? '-',
    ],
  ]);
  return {
    json: { searches: all.map(({ search }) => search) },
    text: all.length
      ? table(['id', 'name', 'state', 'algorithm', 'model', 'baseline', 'chosen', 'epochs', 'preset'], rows)
      : 'No searches yet. Start one: efficienttrain search --dataset flowers --model resnet18',
  };
}

async function run(call: CommandCall): Promise<CommandResult> {
  const { positionals, values, home } = call;
  const [action, reference = ''] = positionals;
  return withHome(home, async (store) => {
    reconcileSearches(store);
    if (action === undefined) {
      refuseIgnored(action, values);
      const request = requestOf(values);
      const configFile = textOption(values, 'config');
      const dataset = findDataset(store, request.dataset);
      const spec = searchSpec({ dataset, request, configFile, set: (values['set'] as string[] | undefined) ?? [] });
      refuseFullDisk(stateRoom(home, store, { spec, dataset, search: null }));
      return make(call, store, createSearch(store, request.name, spec).id);
    }
    if (!ACTIONS.includes(action))
      throw usage(`search can't ${action}.`, `It can ${ACTIONS.join(', ')}.`, 'Run `efficienttrain search --help`.');
    needPositionals('search', positionals, action === 'list' ? 1 : 2);
    refuseIgnored(action, values);
    if (action === 'list') return listed(store);
    const search = findSearch(store, reference);
    if (action === 'show') return answer(store, search);
    return action === 'stop' ? stop(call, store, search) : make(call, store, search.id);
  });
}

export const command: Command = {
  name: 'search',
  summary: 'Search for a schedule by training trials, or list, show, resume and stop searches.',
  positionals: '[list|show|resume|stop] [SEARCH]',
  options: OPTIONS,
  examples: [
    'efficienttrain search --algorithm 2 --dataset flowers --model resnet_micro --size 64 --epochs 20 --batch 32',
    'efficienttrain search --algorithm 1 --dataset flowers --model resnet18 --size 128 --candidates 64,96,128 --seeds 3',
    'efficienttrain search list',
    'efficienttrain search resume k3m9',
  ],
  run,
};
