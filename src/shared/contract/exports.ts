/** Exports: formats, and what was written. Writing one is a job. */
import { z } from 'zod';
import { call } from './call';
import { id, noArgs } from './common';

export const exportCalls = {
  'exports.formats': call(noArgs, z.array(z.object({ id }))),
  /**
   * Returns how to load an export: the first code of its own README, to copy. `present`: whether its folder still
   * exists.
   */
  'exports.usage': call(
    z.strictObject({ run: id, path: z.string() }),
    z.object({ present: z.boolean(), code: z.string(), language: z.string() }),
  ),
};
