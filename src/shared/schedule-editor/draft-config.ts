/** Turns a draft into the layers of a run's configuration, alike in the window and the program. */
import type { DraftBody, ScheduleFile } from '../contract/drafts';
import { nearestValid, type SizeRule } from '../curriculum/size-rule';
import { flatten, resolveConfig, type Resolved, type ResolveInput } from '../run-config-resolve';
import { withLaterFields, type RunConfig, type StageConfig } from '../run-config';

/** Defaults of a new run from the machine's settings. */
export interface MachineDefaults {
  workers: number;
  checkpoint_every_seconds: number;
  keep_last: number;
  intra_op_threads: number | null;
}

/** Prefix of `preset` for one of the user's own. */
export const OWN_PRESET = 'own:';

export const machineFields = ({
  workers,
  checkpoint_every_seconds,
  keep_last,
  intra_op_threads,
}: MachineDefaults): Record<string, unknown> => ({
  'data.workers': workers,
  'checkpoint.every_seconds': checkpoint_every_seconds,
  'checkpoint.keep_last': keep_last,
  'engine.intra_op_threads': intra_op_threads,
});

/** Fields that a draft has itself; an override of them would duplicate it. */
const OWN_FIELDS = /^(name|dataset|model|size|seed|schedule\.(preset|stages|share_of|equivalent_epochs))(\.|$)/;

export const isOverridable = (path: string): boolean => !OWN_FIELDS.test(path);

export interface DraftRequest {
  flags: Record<string, unknown>;
  preset?: string;
}

export function draftRequest(body: DraftBody, machine: MachineDefaults): DraftRequest {
  const { name, size, seed, equivalent_epochs, stages, share_of } = body;
  const overrides = Object.fromEntries(Object.entries(body.overrides).filter(([path]) => isOverridable(path)));
  const flags = {
    ...machineFields(machine),
    ...overrides,
    name,
    seed,
    'schedule.equivalent_epochs': equivalent_epochs,
  };
  const sized = size === null ? flags : { ...flags, size };
  if (stages === null) return { flags: sized, preset: body.preset };
  // A preset may have a recipe, which stays where its stages are edited; the user's own presets are stages alone.
  const preset = body.preset.startsWith(OWN_PRESET) ? {} : { preset: body.preset };
  return { flags: { ...sized, 'schedule.stages': stages, 'schedule.share_of': share_of }, ...preset };
}

/** Resolves a draft. @throws AppError invalid_config, not_found (preset) */
export function resolveDraft(body: DraftBody, model: ResolveInput['model'], machine: MachineDefaults): Resolved {
  return resolveConfig({ dataset: body.dataset ?? '', model, ...draftRequest(body, machine) });
}

const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);

/** Makes a draft that resolves to `frozen` again, field by field. */
export function draftOf(frozen: RunConfig, model: ResolveInput['model'], machine: MachineDefaults): DraftBody {
  const config = withLaterFields(frozen);
  const { name, dataset, size, seed, schedule } = config;
  const plain: DraftBody = {
    ...{ name, dataset, model: config.model, preset: schedule.preset, size, seed },
    ...{ equivalent_epochs: schedule.equivalent_epochs, stages: null, share_of: schedule.share_of },
    ...{ reference_epochs: null, overrides: {} },
  };
  const custom = schedule.preset === 'custom';
  const body = custom ? { ...plain, preset: model.preset, stages: schedule.stages } : plain;
  const edited = !custom && !same(resolveDraft(body, model, machine).config.schedule.stages, schedule.stages);
  const based: DraftBody = edited ? { ...body, stages: schedule.stages } : body;
  const resolved = flatten(resolveDraft(based, model, machine).config);
  const machines = Object.keys(machineFields(machine));
  const overrides = Object.entries(flatten(config)).filter(
    ([path, value]) => isOverridable(path) && (machines.includes(path) || !same(value, resolved[path])),
  );
  return { ...based, overrides: Object.fromEntries(overrides) };
}

/** Scales a schedule to another final size: sides scale with it, and are rounded to what the model takes. */
export const scaledStages = (
  { stages, size: from }: Pick<ScheduleFile, 'stages' | 'size'>,
  size: number,
  rule: SizeRule,
): StageConfig[] =>
  stages.map((stage) => ({ ...stage, bandwidth: nearestValid((stage.bandwidth * size) / from, size, rule) }));
