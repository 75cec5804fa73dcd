import { AppError } from '../../../shared/errors';
import { networkAdvice, networkFileSystem, type MountFacts } from '../../store/network-file-system';
import type { Troubles } from './troubles';

/**
 * A data folder on a network file system works, but not safely from two machines at once: a host says so when it
 * starts.
 */
export function tellNetworkHome(troubles: Troubles, home: string, facts?: MountFacts): void {
  troubles.guard('network_home', () => {
    const kind = networkFileSystem(home, facts);
    if (kind !== null)
      throw new AppError({
        code: 'io',
        what: `${home} is not a safe place for the data folder.`,
        ...networkAdvice(kind),
      });
  });
}
