/** A host reports that its data folder is on a network file system. */
import { expect, it, vi } from 'vitest';
import { tellNetworkHome } from '../../src/main/services/core/network-home';
import { Troubles } from '../../src/main/services/core/troubles';

const factsOf = (type: number) => ({ platform: 'linux' as const, typeOf: () => type, mounts: () => '' });

it('a host tells it once, in one line, and lets its windows ask for it', () => {
  const said = vi.spyOn(console, 'error').mockImplementation(() => undefined);
  const changed = vi.fn();
  const troubles = new Troubles('/home/one/store.db', changed);
  tellNetworkHome(troubles, '/home/one', factsOf(0x6969));
  expect(said.mock.calls).toEqual([[expect.stringMatching(/^\/home\/one is not a safe place .*\(NFS\)[^\n]*$/)]]);
  expect(changed).toHaveBeenCalledOnce();
  expect(troubles.list()).toMatchObject([
    { error: { next: expect.stringContaining('from one machine only') as string } },
  ]);
  said.mockRestore();
});

it('a local data folder is no trouble', () => {
  const troubles = new Troubles('/home/one/store.db', () => undefined);
  tellNetworkHome(troubles, '/home/one', factsOf(0xef53));
  expect(troubles.list()).toEqual([]);
});
