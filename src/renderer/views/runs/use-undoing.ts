/** Actions on runs: errors are reported, and finished ones can be undone. */
import { useI18n } from 'vue-i18n';
import { useCommand } from '../../composables/use-command';
import { useFailures } from '../../stores/failures';

export type Work = () => Promise<unknown>;

export interface Undoing {
  /** Tries one action; afterwards the table shows the result. @returns whether it succeeded */
  attempt: (work: Work) => Promise<boolean>;
  /** Reports what was done, with a button that undoes it. */
  done: (text: string, undo: Work) => void;
  /** Keeps the way to undo without a message, where the screen shows what was done. */
  remember: (undo: Work) => void;
}

/** @param refresh updates the table after each try */
export function useUndoing(refresh: () => Promise<unknown>): Undoing {
  const { t } = useI18n();
  const failures = useFailures();
  const undos: Work[] = [];

  async function attempt(work: Work): Promise<boolean> {
    try {
      await work();
      return true;
    } catch (error) {
      failures.report(error);
      return false;
    } finally {
      await refresh();
    }
  }

  async function back(undo: Work): Promise<void> {
    const at = undos.indexOf(undo);
    if (at >= 0) undos.splice(at, 1);
    await attempt(undo);
  }

  function done(text: string, undo: Work): void {
    undos.push(undo);
    failures.tell(text, { label: t('common.undo'), run: () => back(undo) });
  }

  useCommand('edit.undo', () => {
    const undo = undos.at(-1);
    return undo && back(undo);
  });
  return { attempt, done, remember: (undo) => undos.push(undo) };
}
