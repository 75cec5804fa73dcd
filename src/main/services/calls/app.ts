import packageJson from '../../../../package.json';
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
  'app.reveal': async ({ host, grants }, { path }) => {
    await host.reveal(grants.check(path));
    return null;
  },
  'app.quit': ({ host }, { how }) => {
    host.quit(how);
    return null;
  },
};
