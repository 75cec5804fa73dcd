import { AppError } from '../../../shared/errors';
import { browseFolder, checkAllowed } from '../core/browse';
import type { Handlers } from '../core/context';

const hasDialogs = (): AppError =>
  new AppError({
    code: 'usage',
    what: 'Folders are not browsed here.',
    why: "This window uses the system's own dialogs.",
    next: 'Pick with the dialog.',
  });

export const handlers: Handlers<'files'> = {
  'files.pick': async ({ host, grants }, request) => {
    const picked = await host.pick(request);
    return picked === null ? null : { path: await grants.addInTime(picked) };
  },
  'files.browse': ({ host }, { path }) => {
    if (host.kind === 'desktop') throw hasDialogs();
    return browseFolder(host.allowed, path);
  },
  'files.choose': async ({ host, grants }, { path }) => {
    if (host.kind === 'desktop') throw hasDialogs();
    return { path: await grants.addInTime(await checkAllowed(host.allowed, path)) };
  },
};
