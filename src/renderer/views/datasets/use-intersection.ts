import { onMounted, onUnmounted, type Ref } from 'vue';
import { useFailures } from '../../stores/failures';

/** Calls a function once, as soon as the element is in view or nearly so. */
export function useIntersection(element: Ref<HTMLElement | null>, then: () => Promise<void>): void {
  const failures = useFailures();
  let observer: IntersectionObserver | null = null;
  onMounted(() => {
    observer = new IntersectionObserver(
      ([entry]) => {
        if (!entry?.isIntersecting) return;
        observer?.disconnect();
        then().catch(failures.report);
      },
      { rootMargin: '200px' },
    );
    if (element.value) observer.observe(element.value);
  });
  onUnmounted(() => observer?.disconnect());
}
