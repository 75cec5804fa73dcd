import packageJson from '../../../../package.json';
import { listDatasets } from '../../store/datasets';
import type { Handlers } from '../core/context';

export const handlers: Handlers<'app'> = {
  'app.info': ({ home, host }) => ({
    ...{ version: packageJson.version, host: host.kind, platform: process.platform, home },
    native: host.kind === 'desktop',
  }),
  'app.settings': ({ settings }) => settings.get(),
  'app.change': ({ settings, scheduler }, changes) => {
    const changed = settings.change(changes);
    if (changes.queue_runs) scheduler.look();
    return changed;
  },
  'app.troubles': ({ troubles }) => troubles.list(),
  'app.reveal': async ({ host, grants, store }, { path }) => {
    // A table's folder was not picked, but it may be shown like any other dataset's.
    const isRoot = listDatasets(store).some(({ root }) => root === path);
    await host.reveal(isRoot ? path : await grants.checkInTime(path));
    return null;
  },
  'app.quit': ({ host }, { how }) => {
    host.quit(how);
    return null;
  },
};
