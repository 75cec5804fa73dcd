import { watchEffect } from 'vue';
import { useI18n } from 'vue-i18n';
import { shareDone } from '../../shared/run-progress';
import { percent } from '../format/numbers';
import { useRuns } from '../stores/runs';

/** A tab or task bar tells how far the run is, so that the window needs no looking at. */
export function useDocumentTitle(): void {
  const { t } = useI18n();
  const runs = useRuns();
  watchEffect(() => {
    const [run] = runs.live;
    document.title = run ? `${percent(shareDone(run), 0)} ${run.name} – ${t('common.app')}` : t('common.app');
  });
}
