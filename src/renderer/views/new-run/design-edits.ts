/** What the user can change in a draft. */
import { shallowRef, type ShallowRef } from 'vue';
import type { ModelInfo } from '../../../shared/contract/models';
import { nearestValid } from '../../../shared/curriculum/size-rule';
import type { StageConfig } from '../../../shared/run-config';
import type { DraftHistory } from './use-draft-history';
import type { Resolved } from './use-resolved';

/** What another model keeps of the recipe: it says nothing about how the model learns. */
const OF_ANY_MODEL = /^(data\.workers|checkpoint|engine|eval)/;

export interface DesignEdits {
  /** Index of the stage that is selected. */
  selected: ShallowRef<number>;
  edit: (how: (stages: StageConfig[]) => StageConfig[], gesture?: string | null) => void;
  /** Edited stages keep their proportion to the final size. @param next null: the model's own */
  setSize: (next: number | null, gesture?: string | null) => void;
  /** Another model has another size and other valid sides; the schedule becomes its own. */
  setModel: (id: string) => void;
  override: (path: string, value: unknown, gesture?: string | null) => void;
  reset: (path: string) => void;
}

export function designEdits(
  { body, change }: DraftHistory,
  { model, size, rule, stages }: Resolved,
  models: readonly ModelInfo[],
): DesignEdits {
  const selected = shallowRef(0);
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
      if (!next) return;
      const kept = Object.entries(body.value.overrides).filter(([path]) => OF_ANY_MODEL.test(path));
      change({ model: id, preset: next.preset, size: null, stages: null, overrides: Object.fromEntries(kept) });
      selected.value = 0;
    },
    override: (path, value, gesture = null) => change({ overrides: { ...body.value.overrides, [path]: value } }, gesture),
    reset(path) {
      if (path === 'schedule.stages') return change({ stages: null });
      const { [path]: _, ...rest } = body.value.overrides;
      change({ overrides: rest });
    },
  };
}
