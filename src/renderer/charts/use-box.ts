/** The box of an element: its size, and whether it is visible. */
import { onMounted, onUnmounted, shallowRef, type Ref, type ShallowRef } from 'vue';

/** Size in whole pixels. */
export interface Size {
  width: number;
  height: number;
}

export interface BoxInput {
  element: Ref<HTMLElement | null>;
  resized: () => void;
  /** Called when it came into view or left it, or the window was hidden or shown. */
  seen: () => void;
}

export interface Box {
  size: ShallowRef<Size>;
  inSight: ShallowRef<boolean>;
  /** Whether it is in view of a visible window. */
  visible: () => boolean;
}

export function useBox({ element, resized, seen }: BoxInput): Box {
  const size = shallowRef<Size>({ width: 0, height: 0 });
  const inSight = shallowRef(false);
  const sizes = new ResizeObserver(([entry]) => {
    if (!entry) return;
    size.value = { width: Math.floor(entry.contentRect.width), height: Math.floor(entry.contentRect.height) };
    resized();
  });
  const sights = new IntersectionObserver(([entry]) => {
    inSight.value = entry?.isIntersecting ?? false;
    seen();
  });
  onMounted(() => {
    const target = element.value as HTMLElement;
    sizes.observe(target);
    sights.observe(target);
    document.addEventListener('visibilitychange', seen);
  });
  onUnmounted(() => {
    sizes.disconnect();
    sights.disconnect();
    document.removeEventListener('visibilitychange', seen);
  });
  return { size, inSight, visible: () => inSight.value && document.visibilityState !== 'hidden' };
}
