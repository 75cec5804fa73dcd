/** Begins an import: it picks, then scans; the list of datasets shows the progress. */
import { useI18n } from 'vue-i18n';
import { useRouter } from 'vue-router';
import { useFailures } from '../stores/failures';
import { useScans, type ScanOptions } from '../stores/scans';
import { pick } from './use-pick';

export const TABLES = ['csv', 'tsv', 'tab', 'txt', 'lst'];

export function useImport() {
  const { t } = useI18n();
  const router = useRouter();
  const scans = useScans();
  const failures = useFailures();

  /** Scans; `source` was picked or dropped. */
  async function scan(source: string, chosen: ScanOptions = {}): Promise<void> {
    try {
      if (router.currentRoute.value.name !== 'datasets') await router.push({ name: 'datasets' });
      await scans.start(source, chosen);
    } catch (error) {
      failures.report(error);
    }
  }

  async function choose(what: 'folder' | 'table' = 'folder'): Promise<void> {
    try {
      const path = await pick(
        what === 'folder'
          ? { what: 'folder', title: t('datasets.pick_folder') }
          : { what: 'file', title: t('datasets.pick_table'), extensions: TABLES },
      );
      if (path !== null) await scan(path);
    } catch (error) {
      failures.report(error);
    }
  }

  return { scan, choose };
}
