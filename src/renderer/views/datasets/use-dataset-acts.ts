/** Actions on a dataset, from the list and from its own screen. */
import { shallowRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import type { DatasetInfo } from '../../../shared/contract/datasets';
import { call } from '../../api/client';
import { pick } from '../../composables/use-pick';
import { useFailures } from '../../stores/failures';

export function useDatasetActs(changed: () => unknown) {
  const { t } = useI18n();
  const router = useRouter();
  const failures = useFailures();
  /** Datasets whose dialogs are open. */
  const renaming = shallowRef<DatasetInfo | null>(null);
  const removing = shallowRef<DatasetInfo | null>(null);

  async function locate({ id, name }: DatasetInfo): Promise<void> {
    try {
      const folder = await pick({ what: 'folder', title: t('datasets.pick_located', { name }) });
      if (folder === null) return;
      await call('datasets.locate', { dataset: id, folder });
      failures.tell(t('datasets.located', { name }));
      await changed();
    } catch (error) {
      failures.report(error);
    }
  }

  const train = ({ id }: DatasetInfo): unknown => router.push({ name: 'new-run', query: { dataset: id } });
  return { locate, train, renaming, removing };
}
