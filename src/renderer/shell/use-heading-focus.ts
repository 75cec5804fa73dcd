import { nextTick } from 'vue';
import { useRouter, type RouteLocationNormalized } from 'vue-router';

/** Screens that one component draws, as a draft that gets its address while it is edited. */
const componentOf = ({ matched }: RouteLocationNormalized): unknown => matched.at(-1)?.components?.['default'];

/**
 * A new screen takes the focus to its heading: what is read and where Tab goes on is the screen, not the link that led
 * there.
 */
export function useHeadingFocus(): void {
  useRouter().afterEach(async (to, from, failure) => {
    if (failure || !from.matched.length || componentOf(to) === componentOf(from)) return;
    await nextTick();
    const main = document.getElementById('main');
    const heading = main?.querySelector<HTMLElement>('h1');
    // A screen that has taken the focus to where its work is keeps it.
    if (!main || (document.activeElement && main.contains(document.activeElement) && document.activeElement !== main))
      return;
    if (heading) heading.tabIndex = -1;
    (heading ?? main).focus({ preventScroll: true });
  });
}
