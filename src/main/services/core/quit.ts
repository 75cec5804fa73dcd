/** What a host does about its trainers before it ends: the same for every shell. */
import type { CallContext } from './context';

export type Ending = 'background' | 'checkpoint';

/**
 * Runs that would end with this host: what a window asks the user about. Those that go on in the background anyway are
 * not among them.
 */
export const runsAtStake = ({ scheduler }: CallContext): number => scheduler.endingWithHost().length;

/** How to end without asking; null where the user has to be asked. */
export function endingOf(context: CallContext): Ending | null {
  const { on_quit } = context.settings.get();
  if (runsAtStake(context) === 0) return 'checkpoint';
  return on_quit === 'ask' ? null : on_quit;
}

/**
 * Lets the trainers go, and waits for those that save a checkpoint. Whatever happens here nothing is lost: a trainer
 * whose host vanishes does the same by itself.
 * @returns whether all have ended within `mostMs`
 */
export async function letTrainersGo({ scheduler }: CallContext, how: Ending, mostMs: number): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), mostMs);
  });
  const ended = await Promise.race([scheduler.release(how === 'background').then(() => true), late]);
  clearTimeout(timer);
  return ended;
}
