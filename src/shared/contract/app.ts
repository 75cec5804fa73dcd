/** The program, its host and its settings. */
import { z } from 'zod';
import { call } from './call';
import { noArgs, nothing } from './common';

export const settingsSchema = z.strictObject({
  theme: z.enum(['system', 'light', 'dark']).default('system'),
  language: z.enum(['system', 'en', 'zh']).default('system'),
  /** Decoding workers of a new run. */
  workers: z.int().min(1).max(256).default(2),
  /** Checkpoints of a new run. */
  checkpoint_every_seconds: z.number().min(0).default(300),
  keep_last: z.int().min(1).default(2),
  /** null: all cores. */
  intra_op_threads: z.int().min(1).nullable().default(null),
  /** Start queued runs one after the other. */
  queue_runs: z.boolean().default(true),
  notify: z.boolean().default(true),
  /** What quitting does while a run trains. */
  on_quit: z.enum(['ask', 'background', 'checkpoint']).default('ask'),
  welcomed: z.boolean().default(false),
  /** Layout and choices of screens, by screen. */
  layout: z.record(z.string(), z.unknown()).default({}),
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
  /** Some fields; answers all. */
  'app.change': call(settingsSchema.partial(), settingsSchema),
  /** Opens a file or folder of the data folder or one that was picked in the system's file manager. */
  'app.reveal': call(z.strictObject({ path: z.string() }), nothing),
  /** The user's answer to the topic `quit`. */
  'app.quit': call(z.strictObject({ how: z.enum(['background', 'checkpoint']) }), nothing),
};
