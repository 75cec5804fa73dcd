/** The core of every shell: calls by name, topics, jobs and queue on one data folder. Shells only transport bytes. */
import { join } from 'node:path';
import { CALLS, isCallName, type CallName, type Reply } from '../../../shared/contract';
import { AppError, errorData } from '../../../shared/errors';
import { databasePath } from '../../base/home';
import { openStore } from '../../store/open';
import { databaseError } from '../../store/store-error';
import { reconcileRuns, type Run } from '../../store/runs';
import { appRoot } from '../../base/entry';
import { importedFolders } from '../datasets/datasets';
import { GpuMonitor } from '../gpu/gpu-monitor';
import type { CallContext } from './context';
import { Grants } from './grants';
import type { Host } from './host';
import { JobRunner } from './job-runner';
import { tellNetworkHome } from './network-home';
import { Scheduler } from './scheduler';
import { SettingsStore } from '../../store/settings';
import { Troubles } from './troubles';
import { Watcher } from './watcher';

type Handler = (context: CallContext, args: unknown) => unknown;

const files = import.meta.glob<{ handlers: Record<string, Handler> }>('../calls/*.ts', { eager: true });

/**
 * Collects the handlers. @throws Error at start where a call has no handler, two, or one that the contract doesn't know
 */
function collect(): Map<CallName, Handler> {
  const handlers = new Map<CallName, Handler>();
  for (const [file, { handlers: own }] of Object.entries(files)) {
    for (const [name, handler] of Object.entries(own)) {
      if (!isCallName(name)) throw new Error(`${file} handles ${name}, which the contract doesn't know`);
      if (handlers.has(name)) throw new Error(`two handlers for ${name}`);
      handlers.set(name, handler);
    }
  }
  const missing = Object.keys(CALLS).filter((name) => !handlers.has(name as CallName));
  if (missing.length) throw new Error(`no handler for ${missing.join(', ')}`);
  return handlers;
}

const HANDLERS = collect();

export interface Core {
  context: CallContext;
  /** Answers a call. It never throws: an error is part of the reply. */
  call(name: string, args: unknown): Promise<Reply<CallName>>;
  /** Ends jobs. Trainers that were not released save a checkpoint and end by themselves when this process ends. */
  close(): void;
}

export interface CoreOptions {
  home: string;
  host: Host;
  /** Called when a run has ended, whichever host has trained it. */
  onRunEnd?: (run: Run) => void;
}

export function createCore({ home, host, onRunEnd = () => undefined }: CoreOptions): Core {
  const store = openStore(databasePath(home), { reserve: true });
  let [jobsCursor, settingsCursor, troublesCursor] = [0, 0, 0];
  const troubles = new Troubles(databasePath(home), () => host.emit('troubles', { cursor: ++troublesCursor }));
  troubles.guard('runs', () => void reconcileRuns(store));
  tellNetworkHome(troubles, home);
  const settings = new SettingsStore(store);
  const grants = new Grants([home, join(appRoot(), 'resources', 'sample')], () => importedFolders(store));
  const gpus = new GpuMonitor();
  const context: CallContext = {
    ...{ home, store, host, settings, gpus, troubles, grants },
    jobs: new JobRunner(home, () => host.emit('jobs', { cursor: ++jobsCursor })),
    scheduler: new Scheduler(home, store, settings, gpus, troubles, onRunEnd),
  };
  const watcher = new Watcher(databasePath(home), troubles, (cursor) => host.emit('store', { cursor }));
  return {
    context,
    async call(name, args) {
      try {
        if (!isCallName(name)) throw unknownCall(name);
        const parsed = CALLS[name].args.safeParse(args);
        if (!parsed.success) throw badArguments(name, parsed.error.message);
        const value = await HANDLERS.get(name)?.(context, parsed.data);
        if (name === 'app.change') host.emit('settings', { cursor: ++settingsCursor });
        return { ok: true, value: CALLS[name].result.parse(value) } as Reply<CallName>;
      } catch (thrown) {
        const error = databaseError(thrown, databasePath(home));
        if (!(error instanceof AppError)) console.error(error);
        return { ok: false, error: errorData(error) };
      }
    },
    close() {
      watcher.close();
      context.scheduler.close();
      context.jobs.close();
      store.close();
    },
  };
}

const unknownCall = (name: string): AppError =>
  new AppError({
    code: 'usage',
    what: `There is no call ${name}.`,
    why: 'The window and the program are of different versions.',
    next: 'Start the program again.',
  });

const badArguments = (name: string, why: string): AppError =>
  new AppError({
    code: 'usage',
    what: `The arguments of ${name} are not valid.`,
    why,
    next: 'This is a defect of the window; report it.',
  });
