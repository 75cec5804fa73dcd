/** Folders and files that the user picks: the only paths that other calls accept. */
import { z } from 'zod';
import { call } from './call';

export const fileCalls = {
  /**
   * Opens a native dialog (desktop). Null: cancelled. In `serve` the window browses with `files.browse` and then grants
   * with `files.choose`.
   */
  'files.pick': call(
    z.strictObject({
      what: z.enum(['folder', 'file', 'save']),
      title: z.string().max(200),
      /** Extensions without dot, for `file` and `save`. */
      extensions: z.array(z.string().max(12)).default([]),
      suggested: z.string().max(300).default(''),
    }),
    z.object({ path: z.string() }).nullable(),
  ),
  /** Returns sub-folders and files of an allowed folder; null: the allowed folders themselves (serve only). */
  'files.browse': call(
    z.strictObject({ path: z.string().nullable() }),
    z.object({
      path: z.string().nullable(),
      parent: z.string().nullable(),
      folders: z.array(z.object({ name: z.string(), path: z.string() })),
      files: z.array(z.object({ name: z.string(), path: z.string(), bytes: z.number() })),
    }),
  ),
  /**
   * Grants a path that the user has chosen in the browser of `serve`; refused outside its allowed folders, and on the
   * desktop.
   */
  'files.choose': call(z.strictObject({ path: z.string() }), z.object({ path: z.string() })),
};
