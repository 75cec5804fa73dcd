import { AppError } from '../../../shared/errors';
import { networkAdvice, networkFileSystem, type MountFacts } from '../../store/network-file-system';
import type { Troubles } from './troubles';

/**
 * Warns, when a host starts, about a data folder on a network file system: it works, but not safely from two machines
 * at once.
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
