import { onMounted, onUnmounted, ref, type Ref } from 'vue';

/** Returns the current width of an element. */
export function useWidth(element: Ref<HTMLElement | null>): Ref<number> {
  const width = ref(0);
  const observer = new ResizeObserver(([entry]) => (width.value = Math.floor(entry?.contentRect.width ?? 0)));
  onMounted(() => {
    if (element.value) observer.observe(element.value);
  });
  onUnmounted(() => observer.disconnect());
  return width;
}
