import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { AppError } from '../../../shared/errors';
import { exportsOf } from '../../store/exports';
import { findRun } from '../../store/runs';
import type { Handlers } from '../core/context';

/** Only names are needed here, because a format's file loads the engine with it. */
const FORMATS = Object.keys(import.meta.glob('../../engine/export/formats/*.ts')).map((file) =>
  file.replace(/^.*\/(.*)\.ts$/, '$1'),
);

const CODE = /^```(\w+)\n([\s\S]*?)^```$/m;

/** Returns the first block of code under "How to load" of an export's README. */
export function usageOf(card: string): { code: string; language: string } {
  const [, language = '', code = ''] = CODE.exec(card.slice(Math.max(card.indexOf('## How to load'), 0))) ?? [];
  return { language, code: code.trimEnd() };
}

export const handlers: Handlers<'exports'> = {
  'exports.formats': () => FORMATS.sort().map((id) => ({ id })),
  'exports.usage': async ({ store }, { run: id, path }) => {
    const run = findRun(store, id);
    if (!exportsOf(store, run.id).some((known) => known.path === path))
      throw new AppError({
        code: 'not_found',
        what: `Run ${run.name} has no export in ${path}.`,
        why: 'Only exports that this program has written are known.',
        next: 'Choose one of the list.',
      });
    try {
      return { present: true, ...usageOf(await readFile(join(path, 'README.md'), 'utf8')) };
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
      return { present: false, code: '', language: '' };
    }
  },
};
