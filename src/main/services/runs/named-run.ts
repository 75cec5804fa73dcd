import { existsSync } from 'node:fs';
import { AppError } from '../../../shared/errors';
import { runOfInit } from '../../../shared/run-init';
import type { Store } from '../../store/open';
import { findRun, type Run } from '../../store/runs';

/**
 * Returns the run that a text names, by its id, a unique prefix of that, or its name. A text with the prefix `run:`
 * always names a run, one without where no file has that name. Null: the text is a file's path.
 * @param option that has this value @throws AppError not_found, ambiguous
 */
export function namedRun(store: Store, text: string, option: string): { run: Run; step: number | null } | null {
  const named = runOfInit(text);
  if (named) return { run: findRun(store, named.run), step: named.step };
  if (existsSync(text)) return null;
  try {
    return { run: findRun(store, text), step: null };
  } catch (cause) {
    if (!(cause instanceof AppError) || cause.code !== 'not_found') throw cause;
    throw new AppError(
      {
        code: 'not_found',
        what: `There is neither a file nor a run ${text}.`,
        why: `${option} names it.`,
        next: 'Give a run (see `efficienttrain runs`), the path of a safetensors or a PyTorch file of a timm model, or the folder of an export in that format.',
        action: { id: 'choose_weights' },
      },
      { cause },
    );
  }
}
