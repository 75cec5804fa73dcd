/** The user's edits of a draft. */
import { shallowRef, type ShallowRef } from 'vue';
import type { ScheduleFile } from '../../../shared/contract/drafts';
import type { ModelInfo } from '../../../shared/contract/models';
import { allPresets } from '../../../shared/curriculum/presets';
import { nearestValid } from '../../../shared/curriculum/size-rule';
import { presetOfTask } from '../../../shared/run-config-resolve';
import { scaledStages } from '../../../shared/schedule-editor/draft-config';
import type { StageConfig } from '../../../shared/run-config';
import type { DraftHistory } from './use-draft-history';
import type { Resolved } from './use-resolved';

/** Fields of the recipe that another model keeps: they do not affect how the model learns. */
const OF_ANY_MODEL = /^(data\.workers|checkpoint|engine|eval\.(every|batch|at_stage_size)$)/;

/** Whether a field stays where another schedule is chosen. */
const isNotOfSchedule = (path: string): boolean => !path.startsWith('schedule.adaptive');

/** Whether a field stays where a schedule is read from a file, which sets the others too. */
const isNotOfFile = (path: string): boolean => isNotOfSchedule(path) && path !== LR_PROGRESS;

const LR_PROGRESS = 'optimizer.lr_progress';

/** Equivalent epochs where neither the user nor a published recipe sets any. */
const USUAL_EPOCHS = 200;

/** Says whether a task can train a model: a linear probe is a classifier on a frozen encoder. */
export const trainsBy = ({ task: own }: ModelInfo, task: string): boolean =>
  own === (task === 'probe' ? 'classify' : task);

/** Returns how long a preset's recipe trains the model; null where the preset is a schedule alone. */
const epochsOf = (id: string, task: string, model: string): number | null =>
  allPresets(task)
    .find((preset) => preset.id === id)
    ?.recipe?.(model).epochs ?? null;

export interface DesignEdits {
  /** Index of the stage that is selected. */
  selected: ShallowRef<number>;
  edit: (how: (stages: StageConfig[]) => StageConfig[], gesture?: string | null) => void;
  /** Sets the size; edited stages keep their proportion to it. @param next null: the model's own */
  setSize: (next: number | null, gesture?: string | null) => void;
  /**
   * Sets the model. It has another size and other valid sides; the schedule becomes its own, and other weights would
   * not fit.
   */
  setModel: (id: string) => void;
  /**
   * Sets the task. It has other models and its own recipe; a model that it trains too stays, with the weights it starts
   * from.
   */
  setTask: (id: string) => void;
  /** Sets the preset. @param id of a preset of the program */
  setPreset: (id: string) => void;
  /** @param id of one of the user's own presets, with its prefix */
  setOwnPreset: (id: string, schedule: ScheduleFile) => void;
  /** Takes over a schedule as it is in a file. @returns a function that takes back only that */
  importSchedule: (schedule: ScheduleFile) => () => void;
  override: (path: string, value: unknown, gesture?: string | null) => void;
  reset: (path: string) => void;
}

export function designEdits(
  { body, change }: DraftHistory,
  { model, task, size, rule, stages }: Resolved,
  models: readonly ModelInfo[],
): DesignEdits {
  const selected = shallowRef(0);
  const keptOf = (fits: (path: string) => boolean): Record<string, unknown> =>
    Object.fromEntries(Object.entries(body.value.overrides).filter(([path]) => fits(path)));

  /**
   * Starts a draft of the model for the task, with the fields that neither changes. @param init whether the weights
   * that it starts from still fit
   */
  function begin(next: ModelInfo, taskId: string, init: boolean): void {
    const overrides = {
      ...keptOf((path) => OF_ANY_MODEL.test(path) || (init && path === 'init')),
      ...(taskId !== next.task && { task: taskId }),
    };
    const preset = presetOfTask(taskId) ?? next.preset;
    const before = model.value && epochsOf(body.value.preset, task.value, model.value.id);
    const epochs = epochsOf(preset, taskId, next.id) ?? (before === null ? null : USUAL_EPOCHS);
    change({
      ...{ model: next.id, preset, size: init ? body.value.size : null, stages: null, overrides },
      ...(epochs !== null && { equivalent_epochs: epochs }),
    });
    selected.value = 0;
  }

  /** Returns the fields of the draft that a schedule sets. */
  function fieldsOf({ lr_progress, adaptive, share_of, ...schedule }: ScheduleFile) {
    const own = {
      ...(lr_progress !== undefined && { [LR_PROGRESS]: lr_progress }),
      ...(adaptive && { 'schedule.adaptive': adaptive }),
    };
    return { stages: scaledStages(schedule, size.value, rule.value), share_of, own };
  }

  return {
    selected,
    edit(how, gesture = null) {
      const next = how(stages.value);
      if (JSON.stringify(next) === JSON.stringify(stages.value)) return;
      change({ stages: next, share_of: 'compute' }, gesture);
      selected.value = Math.min(selected.value, next.length - 1);
    },
    setSize(next, gesture = null) {
      const after = next ?? model.value?.size ?? size.value;
      const scaled = (side: number): number => nearestValid((side * after) / size.value, after, rule.value);
      const own = body.value.stages?.map((stage) => ({ ...stage, bandwidth: scaled(stage.bandwidth) })) ?? null;
      change({ size: next, stages: own }, gesture);
    },
    setModel(id) {
      const next = models.find((candidate) => candidate.id === id);
      if (next) begin(next, trainsBy(next, task.value) ? task.value : next.task, false);
    },
    setTask(id) {
      if (id === task.value) return;
      const present = model.value;
      const fitting = models
        .filter((candidate) => trainsBy(candidate, id))
        .toSorted((a, b) => a.parameters - b.parameters);
      const stays = present !== null && trainsBy(present, id);
      const next = stays ? present : (fitting.find(({ id: own }) => own === present?.classifier) ?? fitting[0]);
      if (next) begin(next, id, stays);
    },
    setPreset(id) {
      const epochs = model.value && epochsOf(id, task.value, model.value.id);
      const overrides = keptOf(isNotOfSchedule);
      change({ preset: id, stages: null, overrides, ...(epochs !== null && { equivalent_epochs: epochs }) });
    },
    setOwnPreset(id, schedule) {
      const { stages, share_of, own } = fieldsOf(schedule);
      change({ preset: id, stages, share_of, overrides: { ...keptOf(isNotOfSchedule), ...own } });
    },
    importSchedule(schedule) {
      const before = body.value;
      const { stages, share_of, own } = fieldsOf({ ...schedule, lr_progress: schedule.lr_progress ?? 'compute' });
      change({ stages, share_of, overrides: { ...keptOf(isNotOfFile), ...own } });
      return () => {
        const earlier = Object.entries(before.overrides).filter(([path]) => !isNotOfFile(path));
        const overrides = { ...keptOf(isNotOfFile), ...Object.fromEntries(earlier) };
        change({ stages: before.stages, share_of: before.share_of, overrides });
      };
    },
    override: (path, value, gesture = null) =>
      change({ overrides: { ...body.value.overrides, [path]: value } }, gesture),
    reset(path) {
      if (path === 'schedule.stages') return change({ stages: null });
      const { [path]: _, ...rest } = body.value.overrides;
      change({ overrides: rest });
    },
  };
}
