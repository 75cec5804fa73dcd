/** `train --dry-run`: the plan of a run and its cost, of which the hours come from a few timed steps of each stage. */
import { ownEquivalentEpochs, ownPart, stagesTakenOver } from '../../shared/curriculum/branch';
import { keptCheckpoints } from '../../shared/curriculum/kept-checkpoints';
import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { knownLoad } from '../../shared/schedule-editor/estimate';
import { borrowDevice, figuresOf } from '../services/gpu/take-device';
import { hoursOf, measureStages } from '../services/preflight/dry-run';
import { stateBytes } from '../services/preflight/state-bytes';
import { xlaFor } from '../services/preflight/xla-choice';
import { planBranch } from '../services/runs/branch';
import type { Dataset } from '../store/datasets';
import type { Store } from '../store/open';
import { ratesOf } from '../store/training-rates';
import { heldAgainst } from './against';
import type { CommandCall, CommandResult } from './command';
import { significant } from './format';
import { optionalNumber, textOption } from './options';
import { planText } from './plan-text';

interface DryRun {
  config: RunConfig;
  plan: Plan;
  dataset: Dataset;
}

/** A branch takes its first stages over, and trains and pays for the others only. */
async function laidOut(home: string, store: Store, { config, plan }: Pick<DryRun, 'config' | 'plan'>) {
  if (config.branch === null) return { plan, branch: null, lines: [] };
  const { point, plan: whole } = await planBranch(home, store, { config, plan });
  const { parent, stages } = point;
  const own = ownEquivalentEpochs({ config, plan: whole });
  const which = stages === 1 ? 'Stage 1 is' : `Stages 1 to ${stages} are`;
  return {
    plan: whole,
    branch: { run: parent.id, stages, equivalent_epochs: own },
    lines: [
      '',
      `${which} taken over from ${parent.name} (${parent.id}): this run trains ${significant(own)} equivalent epochs itself.`,
    ],
  };
}

/**
 * Returns the plan with its totals, hours and disk.
 * @throws AppError where a branch's parent does not fit, or the memory does not suffice
 */
export async function dryRun(
  { values, home, progress }: CommandCall,
  store: Store,
  { config, plan: resolved, dataset }: DryRun,
): Promise<CommandResult> {
  const { plan, branch, lines } = await laidOut(home, store, { config, plan: resolved });
  const own = ownPart({ config, plan });
  const before = stagesTakenOver(config);
  const reference = optionalNumber(values, 'reference', Number.MIN_VALUE) ?? null;
  const classes = dataset.classes.length;
  const onStage = (stage: number): void =>
    progress(`timing steps of stage ${before + stage + 1} of ${plan.stages.length}`);
  const device = await borrowDevice(store, config.engine.device);
  const gpu = await figuresOf(device);
  const options = { home, config, classes, plan: own, onStage, gpu, xla: xlaFor(home, config, device) };
  const hours = hoursOf(own, await measureStages(options), knownLoad(ratesOf(store, config.model)));
  const cost = { hours, disk_bytes: stateBytes(config, classes, plan) * keptCheckpoints(config) };
  const against = textOption(values, 'against');
  const held = against === undefined ? null : heldAgainst(against, { config, images: plan.samples, classes });
  return {
    json: {
      plan: { stages: plan.stages, totals: { ...plan.totals, ...cost }, adaptive: plan.adaptive },
      ...(branch && { branch }),
      config,
      ...(held && { against: held.json }),
    },
    text: [planText(plan, config, { ...cost, reference }), ...lines, ...(held ? ['', ...held.lines] : [])].join('\n'),
  };
}
