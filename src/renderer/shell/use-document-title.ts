import { watchEffect } from 'vue';
import { useI18n } from 'vue-i18n';
import { shareDone } from '../../shared/run-progress';
import { percent } from '../format/numbers';
import { useRuns } from '../stores/runs';

/** Shows a run's progress in the tab or task bar, so that the user need not open the window. */
export function useDocumentTitle(): void {
  const { t } = useI18n();
  const runs = useRuns();
  watchEffect(() => {
    const [run] = runs.live;
    document.title = run ? `${percent(shareDone(run), 0)} ${run.name} – ${t('common.app')}` : t('common.app');
  });
}
