/** Texts of the plain cells of the runs table, and their titles in full. */
import type { RunSummary } from '../../../shared/contract/runs';
import type { ErrorData } from '../../../shared/errors';
import { isShare, metricValue } from '../../format/metric-value';
import { integer, significant } from '../../format/numbers';
import { about, absolute, ago, duration } from '../../format/time';
import type { ColumnId } from './columns';

export type Translate = (key: string, values?: Record<string, unknown>) => string;

/** A loss is named, because its column may hold accuracies too. */
function bestText({ best }: RunSummary, t: Translate): string {
  if (!best) return '–';
  const { metric, value } = best;
  return isShare(metric) ? metricValue(metric, value) : `${t('metrics.loss')} ${significant(value, 3)}`;
}

/** Returns the text of plain columns; null: drawn otherwise. */
export function cellText(run: RunSummary, column: ColumnId, now: number, t: Translate): string | null {
  switch (column) {
    case 'model':
      return run.model;
    case 'dataset':
      return run.dataset_name ?? t('runs.dataset_gone');
    case 'preset':
      return run.preset;
    case 'size':
      return `${run.size} px`;
    case 'best':
      return bestText(run, t);
    case 'duration':
      return run.wall_seconds ? duration(run.wall_seconds) : '–';
    case 'epochs':
      return significant(run.equivalent_epochs);
    case 'seed':
      return String(run.seed);
    case 'created':
      return ago(run.created, now);
    case 'ended':
      return ago(run.ended, now);
    default:
      return null;
  }
}

/** Returns the exact text, which the cell may cut. */
export function cellTitle(
  run: RunSummary,
  column: ColumnId,
  { t, lineOf }: { t: Translate; lineOf: (error: ErrorData) => string },
): string | undefined {
  const { best, progress, error } = run;
  const titles: Partial<Record<ColumnId, () => string>> = {
    state: () => (error ? lineOf(error) : ''),
    model: () => run.model,
    dataset: () => run.dataset_name ?? run.dataset,
    preset: () => run.preset,
    best: () =>
      best
        ? t('runs.best_title', { metric: best.metric, value: best.value, step: integer(best.step) })
        : t('runs.no_best'),
    progress: () => t('runs.progress_title', { step: integer(run.step), steps: integer(run.steps) }),
    duration: () => {
      const left = progress?.run_seconds_left ?? null;
      return left === null ? `${significant(run.wall_seconds)} s` : t('runs.left', { time: about(left) });
    },
    created: () => absolute(run.created),
    ended: () => absolute(run.ended),
    tags: () => run.tags.join(', '),
  };
  return titles[column]?.() || undefined;
}
