/** Decides about a host's trainers before it ends, the same for every shell. */
import type { CallContext } from './context';

export type Ending = 'background' | 'checkpoint';

/**
 * Counts the runs that would end with this host, about which a window asks the user. Those that continue in the
 * background anyway are left out.
 */
export const runsAtStake = ({ scheduler }: CallContext): number => scheduler.endingWithHost().length;

/** Returns how to end without asking; null where the user has to be asked. */
export function endingOf(context: CallContext): Ending | null {
  const { on_quit } = context.settings.get();
  if (runsAtStake(context) === 0) return 'checkpoint';
  return on_quit === 'ask' ? null : on_quit;
}

/**
 * Releases the trainers, and waits for those that save a checkpoint. Nothing is lost in any case: a trainer whose host
 * vanishes does the same by itself.
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
