import { overheadNotes, type Part } from '../../../shared/overhead';
import type { ComparedMetric, Comparison } from '../../../shared/contract/compare';
import { compareRuns } from '../../services/runs/compare';
import { withHome } from '../../services/runs/runs';
import { findRun, type Run } from '../../store/runs';
import type { Command } from '../command';
import { duration, metricText, NONE, significant, table } from '../format';
import { needPositionals } from '../options';

const signed = (value: number | null): string =>
  value === null ? NONE : `${value >= 0 ? '+' : ''}${significant(value)}`;
const times = (value: number | null): string => (value === null ? NONE : `${significant(value, 3)}x`);
const plain = (value: unknown): string => (typeof value === 'string' ? value : JSON.stringify(value));

/**
 * Formats the figures of one run in one metric: best and its delta where there is a better side, else the last value.
 */
const cell = (metric: ComparedMetric | null | undefined, isBaseline: boolean): string => {
  if (!metric) return NONE;
  const [value, delta] = metric.best === null ? [metric.last, metric.delta_last] : [metric.best, metric.delta_best];
  return isBaseline ? significant(value) : `${significant(value)} (${signed(delta)})`;
};

const NOISY = 'too noisy to call';
const rangeText = ([least, most]: readonly [number, number | null], format: (value: number) => string): string =>
  `${format(least)} to ${most === null ? 'not reached' : format(most)}`;

const PARTS: Record<Part, string> = {
  small_size: 'start-up and small sizes',
  outside: 'evaluation and checkpoints',
  loader: 'waiting for images',
  other: 'between steps',
};

/** Reports runs with less compute that took no less time, and what the time was spent on. */
const overheadText = ({ runs, same_accuracy }: Comparison): string[] =>
  overheadNotes(
    runs,
    runs.map(({ id }) => id),
    new Map(Object.entries(same_accuracy?.runs ?? {})),
  ).map(({ name, seconds, total, parts }) => {
    const told = parts.map(([part, spent]) => `${PARTS[part]} ${duration(spent)}`).join(', ');
    return `${name}: less compute, but no less time. Of its ${duration(total)} in all, ${duration(seconds)} were not compute (${told}).`;
  });

function describe(comparison: Comparison): string {
  const { baseline, runs, config_differences, metrics, same_accuracy } = comparison;
  const heads = runs.map(({ id, name }) => (id === baseline ? `${name} (baseline)` : name));
  const ids = runs.map(({ id }) => id);
  const sections = [
    table(
      ['', ...heads],
      [
        ['state', ...runs.map(({ state }) => state)],
        ['steps', ...runs.map(({ step, steps }) => `${step}/${steps}`)],
        ['equivalent epochs', ...runs.map(({ equivalent_epochs }) => significant(equivalent_epochs))],
        ['training time', ...runs.map(({ seconds }) => duration(seconds))],
      ],
    ),
    '',
    Object.keys(config_differences).length
      ? table(
          ['configuration', ...heads],
          Object.entries(config_differences).map(([field, values]) => [field, ...ids.map((id) => plain(values[id]))]),
        )
      : 'The configurations are equal.',
    '',
    table(
      ['metric: best or last', ...heads],
      Object.entries(metrics).map(([name, values]) => [name, ...ids.map((id) => cell(values[id], id === baseline))]),
    ),
  ];
  if (same_accuracy) {
    const { metric, value, images, margin } = same_accuracy;
    const costs = runs.flatMap(({ id, name }) => {
      const cost = same_accuracy.runs[id];
      return cost
        ? [
            [
              name,
              String(cost.step),
              significant(cost.equivalent_epochs),
              rangeText(cost.range_compute, (epochs) => significant(epochs, 3)),
              cost.noisy_compute ? NOISY : times(cost.speedup_compute),
              duration(cost.seconds),
              rangeText(cost.range_seconds, duration),
              cost.noisy_seconds ? NOISY : times(cost.speedup_seconds),
            ],
          ]
        : [];
    });
    sections.push(
      '',
      `To reach ${metric} ${metricText(metric, value)}, the median of the last 3 evaluations of the weakest run, and hold it for two evaluations:`,
      table(['run', 'step', 'equivalent epochs', 'range', 'compute speed-up', 'time', 'range', 'time speed-up'], costs),
      images === null || margin === null
        ? '1 seed and an unknown number of images: no difference can be distinguished from noise.'
        : `1 seed, n = ${images}, ±${(100 * margin).toFixed(0)} pp (Wilson's 95 % interval). A range is where its two ends are reached; where ranges meet, it is too noisy to call.`,
    );
  }
  const overhead = overheadText(comparison);
  return [...sections, ...(overhead.length ? ['', ...overhead] : [])].join('\n');
}

export const command: Command = {
  name: 'compare',
  summary: 'Compare runs with a baseline: configuration, metrics, and what the same accuracy has cost.',
  positionals: 'RUN RUN...',
  options: {},
  examples: ['efficienttrain compare constant-1 curriculum-1 curriculum-2'],
  run: ({ positionals, home }) =>
    withHome(home, (store) => {
      const runs = needPositionals('compare', positionals, 2, Infinity).map((reference) => findRun(store, reference));
      const comparison = compareRuns(store, runs as [Run, ...Run[]]);
      return { json: comparison, text: describe(comparison) };
    }),
};
