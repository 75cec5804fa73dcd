import { useI18n } from 'vue-i18n';
import type { StageProblem } from '../../../shared/curriculum/stage-problem';

/** Words the problem of a stage in the window's language. */
export function useProblemText(): (problem: StageProblem) => string {
  const { t, locale } = useI18n();
  return ({ code, facts, sizes }) => {
    const list = new Intl.ListFormat(locale.value, { type: 'disjunction' });
    const nearest = sizes.length ? list.format(sizes.map(String)) : facts['nearest'];
    return t(`newRun.problem_${code}`, { ...facts, nearest: nearest ?? '' });
  };
}
