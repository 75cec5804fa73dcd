import { useI18n } from 'vue-i18n';
import type { StageProblem } from '../../../shared/curriculum/stages';

/** What is wrong with a stage, in the window's language. */
export function useProblemText(): (problem: StageProblem) => string {
  const { t } = useI18n();
  return ({ code, facts }) => t(`newRun.problem_${code}`, facts);
}
