/** Drags borders and tops from where a gesture began, so that errors don't add up. */
import type { Ref } from 'vue';
import type { StageConfig } from '../../../shared/run-config';
import { moveBorder, setBandwidth } from '../../../shared/schedule-editor/edit';
import { bandwidthAt, shareAt, type Plot } from './timeline-geometry';
import type { Design } from './use-design';

let gestures = 0;

export function useTimelineDrag(design: Design, svg: Ref<SVGSVGElement | null>, plot: Ref<Plot>) {
  function follow(event: PointerEvent, move: (at: PointerEvent, gesture: string, begun: StageConfig[]) => void): void {
    if (event.button !== 0 || !svg.value) return;
    const target = event.currentTarget as Element;
    const gesture = `drag-${++gestures}`;
    const begun = [...design.stages.value];
    let frame = 0;
    const moved = (at: Event): void => {
      cancelAnimationFrame(frame);
      frame = requestAnimationFrame(() => move(at as PointerEvent, gesture, begun));
    };
    const end = (at: Event): void => {
      cancelAnimationFrame(frame);
      if (at.type === 'pointerup' && (at as PointerEvent).pointerId === event.pointerId)
        move(at as PointerEvent, gesture, begun);
      target.removeEventListener('pointermove', moved);
      for (const kind of ['pointerup', 'pointercancel']) target.removeEventListener(kind, end);
      design.endGesture();
    };
    target.setPointerCapture(event.pointerId);
    target.addEventListener('pointermove', moved);
    for (const kind of ['pointerup', 'pointercancel']) target.addEventListener(kind, end);
  }

  const inside = (event: PointerEvent): { x: number; y: number } => {
    const box = (svg.value as SVGSVGElement).getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  /** Says whether the pointer did not move: such a click changes nothing. */
  const still = (from: PointerEvent, to: PointerEvent): boolean =>
    Math.hypot(to.clientX - from.clientX, to.clientY - from.clientY) < 2;

  return {
    border(event: PointerEvent, left: number): void {
      follow(event, (at, gesture, begun) => {
        if (!still(event, at))
          design.edit(() => moveBorder(begun, left, shareAt(plot.value, inside(at).x), at.shiftKey), gesture);
      });
    },
    top(event: PointerEvent, stage: number): void {
      design.selected.value = stage;
      follow(event, (at, gesture, begun) => {
        if (still(event, at)) return;
        const wanted = bandwidthAt(plot.value, inside(at).y);
        design.edit(() => setBandwidth(begun, stage, wanted, design.size.value, design.rule.value), gesture);
      });
    },
  };
}
