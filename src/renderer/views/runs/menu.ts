/** The menu of one or several runs. */
import type { RunSummary } from '../../../shared/contract/runs';
import type { Action } from './actions';

export type MenuAction = Action | 'open' | 'rename' | 'compare';

export interface MenuEntry {
  id: MenuAction;
  label: string;
  danger?: boolean;
  shortcut?: string;
}

const DANGER: readonly Action[] = ['purge'];
const SHORTCUTS: Partial<Record<MenuAction, string>> = { open: 'Enter', rename: 'F2', trash: 'Del' };
const LAST: readonly Action[] = ['archive', 'unarchive', 'trash', 'restore', 'purge'];

type Translate = (key: string) => string;

/** Makes the menu; a null is a line between groups. @param first the group above the actions */
export function menuOf(
  t: Translate,
  runs: readonly RunSummary[],
  actions: readonly Action[],
  first: readonly MenuAction[] = runs.length === 1 ? ['open', 'rename', 'compare'] : ['compare'],
): (MenuEntry | null)[] {
  const entry = (id: MenuAction): MenuEntry => ({
    id,
    label: t(`runs.do_${id}`),
    ...(DANGER.includes(id as Action) ? { danger: true } : {}),
    ...(SHORTCUTS[id] ? { shortcut: SHORTCUTS[id] } : {}),
  });
  const groups = [
    first,
    actions.filter((action) => !LAST.includes(action)),
    actions.filter((action) => LAST.includes(action)),
  ];
  return groups
    .filter((group) => group.length > 0)
    .flatMap((group, at) => [...(at ? [null] : []), ...group.map((id) => entry(id))]);
}
