import { expect, it } from 'vitest';
import { dataFolderCheck } from '../../src/main/services/doctor/doctor';
import type { MountFacts } from '../../src/main/store/network-file-system';

const on = (type: number): MountFacts => ({ platform: 'linux', typeOf: () => type, mounts: () => '' });

it('the doctor finds a data folder on NFS wrong, with the reason and the way out, and a local one right', () => {
  expect(dataFolderCheck('/home/me/data', on(0xef53))).toMatchObject({
    id: 'data_folder',
    ok: true,
    value: '/home/me/data',
  });
  expect(dataFolderCheck('/home/me/data', on(0x6969))).toMatchObject({
    ...{ id: 'data_folder', ok: false, value: '/home/me/data' },
    cause: expect.stringContaining('network file system (NFS)') as string,
    remedy: expect.stringContaining('--home') as string,
  });
});
