import { useI18n } from 'vue-i18n';
import type { SizeRule } from '../../../shared/curriculum/size-rule';

/** Words the sizes of a model in the window's language, to follow "The model takes". */
export function useSizesText(): (rule: SizeRule) => string {
  const { t } = useI18n();
  return ({ kind, step, min }) => t(`newRun.sizes_${kind}`, { step, min });
}
