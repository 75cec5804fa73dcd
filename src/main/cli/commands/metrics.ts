import { csvCell } from '../../../shared/csv-cell';
import { AppError } from '../../../shared/errors';
import { nearestName } from '../../../shared/nearest-name';
import { withHome } from '../../services/runs/runs';
import { pointsOf, seriesNames, type Point } from '../../store/metrics';
import { summaryOf } from '../../store/summary';
import { findRun } from '../../store/runs';
import type { Command } from '../command';
import { significant, table } from '../format';
import { choiceOption, needPositionals } from '../options';

/** Writes one row per step, one column per series; a missing value is empty, a value that is not finite is nan. */
function csv(series: Readonly<Record<string, readonly Point[]>>): string {
  const rows = new Map<number, Record<string, string>>();
  for (const [name, points] of Object.entries(series)) {
    for (const { step, value } of points) {
      const row = rows.get(step) ?? {};
      row[name] = value === null ? 'nan' : String(value);
      rows.set(step, row);
    }
  }
  const names = Object.keys(series);
  const lines = [...rows.entries()]
    .sort(([a], [b]) => a - b)
    .map(([step, row]) => [step, ...names.map((name) => row[name] ?? '')].join(','));
  return [['step', ...names.map(csvCell)].join(','), ...lines].join('\n');
}

function chosenSeries(known: readonly string[], asked: readonly string[]): readonly string[] {
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined) return asked.length ? asked : known;
  throw new AppError({
    code: 'not_found',
    what: `The run has no series ${unknown}.`,
    why: known.length ? `Its series are ${known.join(', ')}.` : 'Nothing has been recorded yet.',
    next: known.length ? `The nearest is ${nearestName(unknown, known)}.` : 'Wait for the first step.',
  });
}

export const command: Command = {
  name: 'metrics',
  summary: "Print a run's recorded series.",
  positionals: 'RUN',
  options: {
    series: { type: 'string', value: 'S', multiple: true, description: 'only this series, e.g. val/top1' },
    format: { type: 'string', value: 'csv|json', description: 'print every point instead of a summary' },
  },
  examples: [
    'efficienttrain metrics k3m9',
    'efficienttrain metrics k3m9 --series train/loss --series val/top1 --format csv',
  ],
  run: ({ positionals, values, home, json }) =>
    withHome(home, (store) => {
      const [reference = ''] = needPositionals('metrics', positionals, 1);
      const run = findRun(store, reference);
      const format = choiceOption(values, 'format', ['summary', 'csv', 'json'], 'summary');
      const names = chosenSeries(seriesNames(store, run.id), (values['series'] as string[] | undefined) ?? []);
      if (!json && format === 'summary') {
        const rows = names.flatMap((name) => {
          const summary = summaryOf(store, run.id, name);
          return summary
            ? [
                [
                  name,
                  String(summary.count),
                  ...[summary.last, summary.min, summary.max, summary.mean].map((value) => significant(value)),
                ],
              ]
            : [];
        });
        return {
          json: null,
          text: rows.length
            ? table(['series', 'points', 'last', 'min', 'max', 'mean'], rows)
            : 'Nothing has been recorded yet.',
        };
      }
      const series = Object.fromEntries(names.map((name) => [name, pointsOf(store, run.id, name)]));
      const document = {
        series: Object.fromEntries(
          Object.entries(series).map(([name, points]) => [name, points.map(({ step, value }) => [step, value])]),
        ),
      };
      return { json: document, text: format === 'csv' ? csv(series) : JSON.stringify(document) };
    }),
};
