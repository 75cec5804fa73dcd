import { nextTick } from 'vue';
import { useRouter, type RouteLocationNormalized } from 'vue-router';

/**
 * Returns the component of a route: one component draws several, as for a draft that gets its address while it is
 * edited.
 */
const componentOf = ({ matched }: RouteLocationNormalized): unknown => matched.at(-1)?.components?.['default'];

/**
 * Moves the focus to the heading of a new screen: reading and Tab continue on the screen, not at the link that led
 * there.
 */
export function useHeadingFocus(): void {
  useRouter().afterEach(async (to, from, failure) => {
    if (failure || !from.matched.length || componentOf(to) === componentOf(from)) return;
    await nextTick();
    const main = document.getElementById('main');
    const heading = main?.querySelector<HTMLElement>('h1');
    // A screen that has set the focus itself keeps it.
    if (!main || (document.activeElement && main.contains(document.activeElement) && document.activeElement !== main))
      return;
    if (heading) heading.tabIndex = -1;
    (heading ?? main).focus({ preventScroll: true });
  });
}
