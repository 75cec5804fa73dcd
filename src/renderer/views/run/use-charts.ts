/** The charts of a run: its curves, the toolbar's choices (kept with the settings), stages and the best value. */
import { computed, onUnmounted, shallowRef, watch, type ComputedRef } from 'vue';
import { useI18n } from 'vue-i18n';
import { z } from 'zod';
import type { Curve } from '../../../shared/contract/metrics';
import type { RunDetails } from '../../../shared/contract/runs';
import { isLive } from '../../../shared/run-state';
import { useChartGroup } from '../../charts/chart-group';
import { X_AXES, type XAxis } from '../../charts/curve-data';
import type { ChartSeries } from '../../charts/chart-model';
import { stepsOf } from '../../charts/curve-merge';
import { kept } from '../../charts/kept';
import type { BestMark, StageShade } from '../../charts/line-chart';
import { useCurves } from '../../charts/use-curves';
import { metricValue } from '../../format/metric-value';
import { useAppStore } from '../../stores/app';
import { useFailures } from '../../stores/failures';
import { takeCurves } from './first-curves';
import { CHARTS, namesOf, seriesOf, SERIES_NAMES } from './run-series';
import { stageShades } from './stage-shades';

const LAYOUT = 'run-charts';
const SAVE_MS = 400;
const choicesSchema = z.object({
  x: z.enum(X_AXES).catch('step'),
  smoothing: z.number().min(0).max(0.99).catch(0.9),
  log: z.boolean().catch(false),
  /** Scale of the vertical axis of each chart, where one was chosen. */
  y: z.record(z.string(), z.union([z.enum(['auto', 'zero']), z.tuple([z.number(), z.number()])])).catch({}),
});
export type ChartChoices = z.infer<typeof choicesSchema>;
export type YChoice = ChartChoices['y'][string];

export function useCharts(details: ComputedRef<RunDetails>) {
  const { t } = useI18n();
  const app = useAppStore();
  const failures = useFailures();
  const groupName = `run ${details.value.summary.id}`;
  const group = useChartGroup(groupName);
  const choices = shallowRef<ChartChoices>(choicesSchema.parse(app.layoutOf<unknown>(LAYOUT, {})));
  let saving: ReturnType<typeof setTimeout> | null = null;

  function save(): void {
    if (saving) clearTimeout(saving);
    saving = null;
    app.keepLayout(LAYOUT, choices.value).catch(failures.report);
  }

  /** A slider fires for each pixel; only its final value is saved. */
  function choose(fields: Partial<ChartChoices>): void {
    choices.value = { ...choices.value, ...fields };
    if (saving) clearTimeout(saving);
    saving = setTimeout(save, SAVE_MS);
  }
  onUnmounted(() => {
    if (saving) save();
  });
  const axis = computed((): XAxis => choices.value.x);

  /** Charts on the screen. */
  const inSight = shallowRef<ReadonlySet<string>>(new Set());
  function see(chart: string, visible: boolean): void {
    const next = new Set(inSight.value);
    if (visible) next.add(chart);
    else next.delete(chart);
    inSight.value = next;
  }

  const { curves, loaded, error } = useCurves({
    run: () => details.value.summary.id,
    names: () => SERIES_NAMES,
    watched: () => namesOf(inSight.value),
    first: takeCurves(details.value.summary.id),
    zoom: () => (group.zoom.value ? stepsOf(curves.value.get('train/loss'), axis.value, group.zoom.value) : null),
    // A resumed run goes back to its checkpoint.
    anew: () => isLive(details.value.summary.state),
  });
  watch(axis, () => {
    group.zoom.value = null;
    group.crosshair.value = null;
  });

  /** The longest curve: a loss that is no longer finite ends before the others. */
  const clock = computed(() =>
    [...curves.value.values()].reduce<Curve | undefined>(
      (most, curve) => ((curve.step.at(-1) ?? 0) > (most?.step.at(-1) ?? 0) ? curve : most),
      undefined,
    ),
  );
  const until = computed(() => clock.value?.[axis.value].at(-1) ?? 0);
  const shades = computed((before?: readonly StageShade[]) => {
    const { plan, summary } = details.value;
    return kept(before, stageShades({ plan, size: summary.size }, axis.value, clock.value));
  });
  const best = computed((before?: readonly BestMark[]): readonly BestMark[] => {
    const found = details.value.summary.best;
    const curve = found ? curves.value.get(found.metric) : undefined;
    if (!found || !curve) return [];
    const index = curve.step.findIndex((step) => step >= found.step);
    const x = curve[axis.value][index];
    if (x === undefined) return [];
    const label = t('run.best_mark', { value: metricValue(found.metric, found.value) });
    return kept(before, [{ x, y: found.value, label, series: found.metric, token: '--text' }]);
  });

  const name = (key: string): string => t(`run.series_${key}`, { size: details.value.summary.size });
  const ends = computed((before?: readonly number[]): readonly number[] => {
    const after = details.value.summary.stage_ends;
    return before?.join() === after.join() ? before : after;
  });
  const series = computed(
    (before?: ReadonlyMap<string, readonly ChartSeries[]>): ReadonlyMap<string, readonly ChartSeries[]> => {
      const { value: known } = curves;
      return new Map(
        CHARTS.map((chart) => [
          chart.id,
          kept(before?.get(chart.id), seriesOf(chart, known, details.value, ends.value, name)),
        ]),
      );
    },
  );

  return { groupName, group, choices, choose, axis, until, series, see, loaded, error, shades, best };
}
