import { useI18n } from 'vue-i18n';
import { NEAR_DUPLICATE_REASONS } from '../../../shared/near-duplicate-reasons';
import { inEnginesLanguage } from '../../i18n';

const OF_CLASSES = [
  ...[
    'empty_split',
    'empty_class',
    'only_class',
    'untrained_class',
    'unmeasured_class',
    'single_image_class',
    'similar_classes',
  ],
];
const OF_TABLES = ['bad_row', 'outside_folder', 'other_spelling', 'unused_column', 'table_note'];
const OF_IMAGES = ['not_an_image', 'unsupported', 'too_large'];

/**
 * Kinds whose reason names a line, a label, a size, a format or the system's message: it is shown after the kind's own
 * text.
 */
const TELLING: readonly string[] = [
  'leak',
  'label_conflict',
  'unreadable',
  'ignored',
  ...OF_IMAGES,
  ...OF_TABLES,
  ...OF_CLASSES,
];

/** Own keys of reasons, for findings of one kind with different reasons. */
const KEYS = new Map<string, string>(Object.entries(NEAR_DUPLICATE_REASONS).map(([key, reason]) => [reason, key]));

/** Hints about the command line, for which the window has a field. */
const COMMAND = / \(on the command line: .*?\)(?=[.,;]|$)/g;

/** Words why a file is a finding, in the window's language. */
export function useReasonText(): (problem: { kind: string; reason: string }) => string {
  const { t, te } = useI18n();
  return ({ kind, reason: said }) => {
    const reason = said.replace(COMMAND, '');
    const key = `datasets.reason_${KEYS.get(reason) ?? kind}`;
    if (inEnginesLanguage() || !te(key)) return reason;
    return TELLING.includes(kind) ? `${t(key)} ${reason}` : t(key);
  };
}
