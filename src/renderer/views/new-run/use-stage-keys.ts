/** Keys for the focused stage, which do the same as the pointer. */
import { nextTick } from 'vue';
import { mergeLeft, moveBorder, setMagnitude, split, stepBandwidth } from '../../../shared/schedule-editor/edit';
import { bordersOf, FINE, SNAP } from '../../../shared/schedule-editor/shares';
import type { Design } from './use-design';

export function useStageKeys(design: Design, focus: (stage: number) => void) {
  const { edit, size, rule, stages } = design;

  /** Moves the right border, or the left one of the last stage. */
  function shift(stage: number, direction: 1 | -1, free: boolean): void {
    const left = stage === stages.value.length - 1 ? stage - 1 : stage;
    if (left < 0) return;
    const at = bordersOf(stages.value)[left + 1] as number;
    edit((list) => moveBorder(list, left, at + direction * (free ? FINE : SNAP), free), `keys-border-${left}`);
  }

  const magnitude = (stage: number, by: number): void =>
    edit((list) => {
      const { magnitude: from, magnitude_end: to } = list[stage] as (typeof list)[number];
      return setMagnitude(list, stage, from + by, to === null ? null : to + by);
    }, `keys-magnitude-${stage}`);

  const height = (stage: number, direction: 1 | -1): void =>
    edit((list) => stepBandwidth(list, stage, direction, size.value, rule.value), `keys-height-${stage}`);

  function merge(stage: number): void {
    edit((list) => mergeLeft(list, stage));
    void nextTick(() => focus(Math.max(stage - 1, 0)));
  }

  return (event: KeyboardEvent, stage: number): void => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const actions: Record<string, () => void> = {
      ArrowLeft: () => shift(stage, -1, event.shiftKey),
      ArrowRight: () => shift(stage, 1, event.shiftKey),
      ArrowUp: () => height(stage, 1),
      ArrowDown: () => height(stage, -1),
      PageUp: () => magnitude(stage, 1),
      PageDown: () => magnitude(stage, -1),
      Home: () => focus(0),
      End: () => focus(stages.value.length - 1),
      Enter: () => edit((list) => split(list, stage)),
      Delete: () => merge(stage),
      Backspace: () => merge(stage),
    };
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  };
}
