/**
 * Every call and topic between the window and its host, with the schemas that both sides parse by. Desktop (Electron
 * IPC) and serve (WebSocket) transport the same ones. A topic contains only a cursor: the latest counts, and the window
 * fetches what it shows.
 */
import { z } from 'zod';
import { appCalls } from './contract/app';
import type { Call } from './contract/call';
import { compareCalls } from './contract/compare';
import { datasetCalls } from './contract/datasets';
import { draftCalls } from './contract/drafts';
import { evaluationCalls } from './contract/evaluations';
import { exportCalls } from './contract/exports';
import { fileCalls } from './contract/files';
import { jobCalls } from './contract/jobs';
import { machineCalls } from './contract/machine';
import { metricCalls } from './contract/metrics';
import { modelCalls } from './contract/models';
import { planCalls } from './contract/plans';
import { reviewCalls } from './contract/reviews';
import { runCalls } from './contract/runs';
import { searchCalls } from './contract/searches';
import { studyCalls } from './contract/studies';
import { transferCalls } from './contract/transfers';
import { COMMAND_IDS } from './commands';
import type { ErrorData } from './errors';

export const CALLS = {
  ...appCalls,
  ...compareCalls,
  ...datasetCalls,
  ...draftCalls,
  ...evaluationCalls,
  ...exportCalls,
  ...fileCalls,
  ...jobCalls,
  ...machineCalls,
  ...metricCalls,
  ...modelCalls,
  ...planCalls,
  ...reviewCalls,
  ...runCalls,
  ...searchCalls,
  ...studyCalls,
  ...transferCalls,
} satisfies Record<string, Call>;

export type CallName = keyof typeof CALLS;
export type Args<N extends CallName> = z.input<(typeof CALLS)[N]['args']>;
export type ParsedArgs<N extends CallName> = z.output<(typeof CALLS)[N]['args']>;
export type Result<N extends CallName> = z.output<(typeof CALLS)[N]['result']>;

export const isCallName = (name: string): name is CallName => Object.hasOwn(CALLS, name);

export const TOPICS = {
  /** The database was changed, by any process. */
  store: z.object({ cursor: z.number() }),
  /** A job has made progress. */
  jobs: z.object({ cursor: z.number() }),
  settings: z.object({ cursor: z.number() }),
  /** A trouble of the host has come or has ended. */
  troubles: z.object({ cursor: z.number() }),
  /** A command chosen in the native menu. */
  command: z.object({ id: z.enum(COMMAND_IDS) }),
  /** A folder dropped on the program's icon or opened with it; it is granted. */
  open: z.object({ path: z.string() }),
  /** A run to show: its notification was clicked. */
  show: z.object({ run: z.string() }),
  /** The window's process ended, for this reason, and was started again. */
  reloaded: z.object({ reason: z.string() }),
  /** The host asks the window what to do about live runs before it quits. */
  quit: z.object({ runs: z.number() }),
} as const;

export type Topic = keyof typeof TOPICS;
export type TopicData<T extends Topic> = z.output<(typeof TOPICS)[T]>;

/** A host's answer: errors are data. */
export type Reply<N extends CallName> = { ok: true; value: Result<N> } | { ok: false; error: ErrorData };
