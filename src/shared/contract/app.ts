/** The program, its host and its settings. */
import { z } from 'zod';
import { call } from './call';
import { errorSchema, noArgs, nothing } from './common';

const fields = {
  theme: z.enum(['system', 'light', 'dark']),
  language: z.enum(['system', 'en', 'zh']),
  /** Number of decoding workers of a new run. */
  workers: z.int().min(1).max(256),
  /** Checkpoints of a new run. */
  checkpoint_every_seconds: z.number().min(0),
  keep_last: z.int().min(1),
  /** Threads of one op; null: all cores. */
  intra_op_threads: z.int().min(1).nullable(),
  /** Whether queued runs start one after the other. */
  queue_runs: z.boolean(),
  notify: z.boolean(),
  /** What quitting does while a run trains. */
  on_quit: z.enum(['ask', 'background', 'checkpoint']),
  welcomed: z.boolean(),
  /** Layout and choices of screens, by screen. */
  layout: z.record(z.string(), z.unknown()),
};

/** Fields without defaults: a missing field keeps its value. */
const changeSchema = z.strictObject(fields).partial();

export const settingsSchema = z.strictObject({
  theme: fields.theme.default('system'),
  language: fields.language.default('system'),
  workers: fields.workers.default(2),
  checkpoint_every_seconds: fields.checkpoint_every_seconds.default(300),
  keep_last: fields.keep_last.default(2),
  intra_op_threads: fields.intra_op_threads.default(null),
  queue_runs: fields.queue_runs.default(true),
  notify: fields.notify.default(true),
  on_quit: fields.on_quit.default('ask'),
  welcomed: fields.welcomed.default(false),
  layout: fields.layout.default({}),
});

export type Settings = z.infer<typeof settingsSchema>;

export const appInfoSchema = z.object({
  version: z.string(),
  host: z.enum(['desktop', 'serve']),
  platform: z.string(),
  home: z.string(),
  /** Whether the host can show a file in the system's file manager and has native file dialogs. */
  native: z.boolean(),
});

export type AppInfo = z.infer<typeof appInfoSchema>;

export const appCalls = {
  'app.info': call(noArgs, appInfoSchema),
  'app.settings': call(noArgs, settingsSchema),
  /** Changes some fields and returns all. */
  'app.change': call(changeSchema, settingsSchema),
  /**
   * Returns what the host can't do by itself at present, for example because the disk is full. It continues, and tries
   * again.
   */
  'app.troubles': call(noArgs, z.array(z.object({ id: z.string(), error: errorSchema }))),
  /** Opens a file or folder of the data folder or one that was picked in the system's file manager. */
  'app.reveal': call(z.strictObject({ path: z.string() }), nothing),
  /** `ask` is the command; the others are the user's answer to the topic `quit`. */
  'app.quit': call(z.strictObject({ how: z.enum(['ask', 'background', 'checkpoint']) }), nothing),
};
