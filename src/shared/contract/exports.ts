/** Exports: formats, and what was written. Writing one is a job. */
import { z } from 'zod';
import { call } from './call';
import { id, noArgs } from './common';

export const exportCalls = {
  'exports.formats': call(noArgs, z.array(z.object({ id, title: z.string(), files: z.array(z.string()) }))),
  /** How to load an export: the code of its own README, to copy. */
  'exports.usage': call(z.strictObject({ run: id, path: z.string() }), z.object({ code: z.string(), language: z.string() })),
};
