import { useI18n } from 'vue-i18n';
import type { ErrorData } from '../../shared/errors';
import { inEnginesLanguage } from '../i18n';

export interface ErrorText {
  title: string;
  /** Empty where `own` contains it. */
  why: string;
  next: string;
  /** The engine's words, where the window has another language. */
  own: string;
}

/**
 * Words errors in the window's language: the engine's own sentences where it has the same language, otherwise the
 * meaning of the code, with those beneath. The next step is always in the window's own words where the engine's would
 * name commands and flags.
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
    /** Returns a single line. */
    lineOf: ({ code, what, why }: ErrorData): string =>
      inEnginesLanguage() ? `${what} ${why}` : t('errors.line', { title: t(`errors.${code}`), what, why }),
  };
}
