import { availableParallelism } from 'node:os';
import { bottleneckOf } from '../../../shared/bottleneck';
import { ownEquivalentEpochs } from '../../../shared/curriculum/branch';
import { drawsMagnitude } from '../../../shared/curriculum/magnitudes';
import { seriesOfName } from '../../../shared/metrics';
import { productsOf } from '../../../shared/products';
import { learningOrder, type LearningOrder } from '../../services/runs/learning-order';
import { runDetails, withHome, type RunDetails } from '../../services/runs/runs';
import { listDatasets, type Dataset } from '../../store/datasets';
import { lineageOf } from '../../store/lineage';
import { seriesNames } from '../../store/metrics';
import { summaryOf } from '../../store/summary';
import { findRun, type Run } from '../../store/runs';
import type { Command } from '../command';
import { bytes, duration, NONE, percent, significant, table } from '../format';
import { needPositionals } from '../options';
import { learningOrderText } from '../learning-order-text';
import { bordersText } from '../borders-text';
import { bottleneckText, outcomeText, replayText, runJson } from '../run-text';

const EVENTS_SHOWN = 8;

/** Describes a run. @param dataset null where its record was removed */
function describe(
  run: Run,
  dataset: Dataset | null,
  { stages, checkpoints, exports, events, borders, evaluation }: RunDetails,
  order: LearningOrder | null,
): string {
  const magnitudes = drawsMagnitude(run.config.data);
  const stageRows = stages.map((stage) => [
    ...[
      String(stage.stage + 1),
      String(stage.bandwidth),
      ...(magnitudes ? [significant(stage.magnitude_end, 3)] : []),
      String(stage.batch),
      `${stage.steps_done}/${stage.steps}`,
    ],
    ...[
      duration(stage.seconds || null),
      stage.throughput === null ? NONE : significant(stage.throughput, 3),
      percent(stage.seconds ? stage.loader_seconds / stage.seconds : null),
      bottleneckOf([stage], run.config.data.workers, availableParallelism())?.by ?? NONE,
    ],
  ]);
  const kept = checkpoints.map(({ step, bytes: size, folder }) => `  step ${step}  ${bytes(size)}  ${folder}`);
  const error = run.error ? [`Error: ${run.error.what} ${run.error.why}`, `  next: ${run.error.next}`] : [];
  const classes = evaluation ? worstClasses(evaluation.perClass, dataset?.classes ?? []) : [];
  const products = productsOf(run.engine);
  return [
    outcomeText(run),
    `${run.model} at ${run.config.size} px, preset ${run.config.schedule.preset}, seed ${run.config.seed}, dataset ${dataset?.name ?? `${run.dataset_id} (removed)`}${products ? `, products in ${products}` : ''}`,
    ...keptText(dataset),
    ...error,
    '',
    table(
      ['stage', 'B', ...(magnitudes ? ['m'] : []), 'batch', 'steps', 'time', 'img/s', 'loader wait', 'bound by'],
      stageRows,
    ),
    bottleneckText(stages, run.config),
    ...replayText(stages),
    ...bordersText(run, borders),
    ...(classes.length
      ? ['', `Lowest per-class accuracy of the last evaluation (step ${evaluation?.step}): ${classes.join(', ')}`]
      : []),
    ...(order ? ['', learningOrderText(order)] : []),
    ...(kept.length ? ['', 'Checkpoints:', ...kept] : []),
    ...(exports.length ? ['', 'Exports:', ...exports.map(({ format, path }) => `  ${format}  ${path}`)] : []),
    ...(events.length
      ? [
          '',
          'Last events:',
          ...events
            .slice(-EVENTS_SHOWN)
            .map(({ time, step, message }) => `  ${time.slice(0, 19).replace('T', ' ')}  step ${step}  ${message}`),
        ]
      : []),
  ].join('\n');
}

/** Lists what the dataset was imported with although it falsifies the accuracy. */
function keptText(dataset: Dataset | null): string[] {
  const { leak = 0, label_conflict = 0 } = dataset?.record.kept ?? {};
  const found = [
    ...(leak ? [`${leak} training images that are also held out`] : []),
    ...(label_conflict ? [`${label_conflict} files of contradictory labels`] : []),
  ];
  return found.length
    ? [`Its dataset was imported with ${found.join(' and ')}: read the accuracy with that in mind.`]
    : [];
}

const worstClasses = (perClass: readonly { correct: number; count: number }[], names: readonly string[]): string[] =>
  perClass
    .map(({ correct, count }, label) => ({ label, count, accuracy: correct / count }))
    .filter(({ count }) => count > 0)
    .sort((a, b) => a.accuracy - b.accuracy)
    .slice(0, 3)
    .map(({ label, accuracy }) => `${names[label] ?? `class ${label}`} ${percent(accuracy)}`);

/** Says whether the last value of a series is shown: the loss, and everything that evaluations measure. */
const isLastFigure = (name: string): boolean => name === 'train/loss' || seriesOfName(name).split === 'val';

export const command: Command = {
  name: 'show',
  summary: 'Show a run: state, stages, last evaluation, checkpoints, exports, events.',
  positionals: 'RUN',
  options: {},
  examples: ['efficienttrain show k3m9', 'efficienttrain show k3m9 --json'],
  run: ({ positionals, home }) =>
    withHome(home, (store) => {
      const [reference = ''] = needPositionals('show', positionals, 1);
      const run = findRun(store, reference);
      const details = runDetails(store, run);
      const bottleneck = bottleneckOf(details.stages, run.config.data.workers, availableParallelism());
      const last = Object.fromEntries(
        seriesNames(store, run.id)
          .filter(isLastFigure)
          .flatMap((name) => {
            const summary = summaryOf(store, run.id, name);
            return summary ? [[name, summary.last]] : [];
          }),
      );
      const order = learningOrder(store, run, 'raw');
      const orders = { learning_order: order, learning_order_ema: learningOrder(store, run, 'ema') };
      const { equivalent_epochs_total, ...lineage } = lineageOf(store, run);
      const compute = { equivalent_epochs: ownEquivalentEpochs(run), equivalent_epochs_total };
      return {
        json: { run: { ...runJson(run), compute, lineage, last, bottleneck, ...details, ...orders } },
        text: describe(run, listDatasets(store).find(({ id }) => id === run.dataset_id) ?? null, details, order),
      };
    }),
};
