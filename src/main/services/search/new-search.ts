/** Turns a user's request into a search; everything that decides its trials is frozen here. */
import type { SearchRequest, SearchSpec } from '../../../shared/contract/searches';
import { buildPlan } from '../../../shared/curriculum/plan';
import { nearestValid, type SizeRule } from '../../../shared/curriculum/size-rule';
import { stageProblems } from '../../../shared/curriculum/stages';
import { AppError } from '../../../shared/errors';
import { isUnlabelled } from '../../../shared/labels';
import { mostToCome, type ToCome } from '../../../shared/search/price';
import { modelEntry } from '../../engine/models';
import type { Dataset } from '../../store/datasets';
import { refuseNoValidation } from '../datasets/refuse-no-validation';
import { resolveRun, trainCount, type RunRequest } from '../runs/configs';
import { finetuneConfig, pricesOf, problemOf, searchStages, trialConfig } from './trial-config';

/** The published bandwidths, for a final size of 224 px. */
const PUBLISHED = [96, 128, 160, 192, 224];

/** Returns the model's valid sizes nearest to the published ones, ascending, with the final size. */
export const usualCandidates = (size: number, rule: SizeRule): number[] =>
  [...new Set([...PUBLISHED.map((side) => nearestValid((side * size) / 224, size, rule)), size])].sort((a, b) => a - b);

const refused = (what: string, why: string, next: string): AppError =>
  new AppError({ code: 'invalid_config', what, why, next });

/** Returns the requested sizes, ascending and with the final size. @throws AppError invalid_stage */
function candidatesOf(asked: number[] | null, size: number, rule: SizeRule, base: SearchSpec['base']): number[] {
  if (asked === null) return usualCandidates(size, rule);
  const candidates = [...new Set([...asked, size])].sort((a, b) => a - b);
  const schedule = { ...base.schedule, stages: searchStages(candidates.length, candidates) };
  const [problem] = stageProblems(schedule, size, rule).filter(({ field }) => field === 'bandwidth');
  if (!problem) return candidates;
  throw new AppError({
    code: 'invalid_stage',
    what: `${candidates[problem.stage]} is no bandwidth for this model at ${size} px.`,
    why: `${problem.message}`,
    next: 'Correct --candidates, or use auto.',
    action: { id: 'candidates' },
  });
}

export interface SearchSources {
  dataset: Dataset;
  request: SearchRequest;
  /** The command line's file of the configuration, and its texts of --set. */
  configFile?: string | undefined;
  set?: readonly string[];
  /** Fields of the machine's settings; all other layers have precedence. */
  machine?: Record<string, unknown>;
}

/** Resolves a request and checks it. @throws AppError bad_dataset, invalid_config, invalid_stage, not_found, usage */
export function searchSpec({ dataset, request, configFile, set = [], machine = {} }: SearchSources): SearchSpec {
  const entry = modelEntry(request.model);
  if (isUnlabelled(dataset))
    throw refused(
      `Dataset ${dataset.name} has no labels.`,
      'A search compares accuracies.',
      'Choose a dataset with classes, or import this one as one folder per class.',
    );
  const flags: RunRequest['flags'] = {
    ...{ ...machine, ...request.overrides, size: request.size ?? undefined },
    ...{ 'schedule.equivalent_epochs': request.epochs ?? undefined, 'data.batch': request.batch ?? undefined },
  };
  refuseSchedule(flags, set);
  const { config, origin, plan } = resolveRun({
    ...{ dataset, model: request.model, preset: 'constant', flags, set },
    ...(configFile === undefined ? {} : { configFile }),
  });
  if (config.task !== 'classify')
    throw refused(
      `A search can't compare runs of the task ${config.task}.`,
      'It compares top-1 accuracies of networks that are trained whole.',
      'Name a classifier, and leave the task out.',
    );
  refuseNoValidation(dataset, 'A search');
  refuseStartingPoint(config);
  const candidates = candidatesOf(request.candidates, config.size, entry.sizes, config);
  if (candidates.length < 2)
    throw refused(
      'There is nothing to search for.',
      `${entry.id} takes one size of at most ${config.size} px.`,
      'Use a larger --size.',
    );
  const { epochs, samples } = { epochs: config.schedule.equivalent_epochs, samples: plan.samples };
  const baseline_cost = plan.totals.equivalent_epochs;
  const beta = request.algorithm === 2 ? request.beta : null;
  const budget = beta === null ? baseline_cost : beta * baseline_cost;
  // Borders are rounded to whole steps. With one step less, a schedule never costs more than its budget.
  const length = beta === null ? epochs : budget - config.data.batch / samples;
  const spec: SearchSpec = {
    ...{ algorithm: request.algorithm, stages: request.stages, candidates, epochs, beta, tolerance: request.tolerance },
    finetune_epochs: beta === null ? 0 : (request.finetune_epochs ?? epochs / 20),
    ...{ seeds: request.seeds, max_seeds: Math.max(request.seeds, request.max_seeds ?? request.seeds) },
    ...{ overlap: request.overlap, max_hours: request.max_hours, baseline_cost, budget, length, base: config, origin },
  };
  layOut(spec, trainCount(dataset));
  return spec;
}

const OWN_FIELD = 'It decides it for each of its runs.';

/** The search decides the schedule. */
function refuseSchedule(flags: Record<string, unknown>, set: readonly string[]): void {
  const names = [
    ...Object.keys(flags).filter((name) => flags[name] !== undefined),
    ...set.map((text) => text.split('=')[0] ?? ''),
  ];
  const own = names.find((name) =>
    /^(schedule\.(stages|preset|share_of|adaptive)|init$|branch$|name$|optimizer\.lr_(progress|horizon))/.test(name),
  );
  if (own !== undefined) throw refused(`A search can't be given ${own}.`, OWN_FIELD, 'Leave it out.');
}

/** Refuses what a configuration file may say of a run's beginning and of its learning rate. @throws AppError */
function refuseStartingPoint({ branch, init, optimizer }: SearchSpec['base']): void {
  const given = Object.entries({ branch, init, 'optimizer.lr_horizon': optimizer.lr_horizon });
  const own = given.find(([, value]) => value !== null);
  if (own) throw refused(`A search can't be given ${own[0]}.`, OWN_FIELD, 'Set it to null in the configuration file.');
}

/** Checks that every stage has a step, in the smallest and in the largest schedule. @throws AppError invalid_stage */
function layOut(spec: SearchSpec, samples: number): void {
  const macs = (size: number): number => modelEntry(spec.base.model).macs(size);
  for (const bandwidth of [spec.candidates[0] as number, spec.base.size]) {
    const schedule = Array<number>(spec.stages).fill(bandwidth);
    buildPlan(trialConfig(spec, '', schedule, 0), samples, macs);
    if (spec.finetune_epochs > 0) buildPlan(finetuneConfig(spec, '', schedule, 0), samples, macs);
  }
}

/** Returns the number of trials and the compute that a search takes at most, without further seeds. */
export const mostOf = (spec: SearchSpec): ToCome => mostToCome(problemOf(spec), pricesOf(spec), () => null, []);
