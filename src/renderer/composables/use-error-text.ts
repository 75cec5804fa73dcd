import { useI18n } from 'vue-i18n';
import type { ErrorData } from '../../shared/errors';
import { inEnginesLanguage } from '../i18n';

export interface ErrorText {
  title: string;
  /** Empty where `own` says it. */
  why: string;
  next: string;
  /** What the engine said, where the window speaks another language. */
  own: string;
}

/**
 * Errors in the window's language: the engine's own sentences where it is theirs too, else what the code means, with
 * those beneath. What to do next is always in the window's own words where the engine's would name commands and flags.
 */
export function useErrorText() {
  const { t } = useI18n();
  return {
    textOf({ code, what, why, next, action }: ErrorData): ErrorText {
      const step = action ? t(`errors.action_${action.id}`, action.values ?? {}) : null;
      if (inEnginesLanguage()) return { title: what, why, next: step ?? next, own: '' };
      return {
        title: t(`errors.${code}`),
        why: '',
        next: step ?? t(`errors.next_${code}`),
        own: `${what} ${why}\n${next}`,
      };
    },
    /** Where there is room for one line. */
    lineOf: ({ code, what, why }: ErrorData): string =>
      inEnginesLanguage() ? `${what} ${why}` : t('errors.line', { title: t(`errors.${code}`), what, why }),
  };
}
