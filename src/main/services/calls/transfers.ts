import { runOfInit } from '../../../shared/run-init';
import type { Handlers } from '../core/context';

export const handlers: Handlers<'transfers'> = {
  'transfers.look': async ({ home, store, settings, grants }, args) => {
    const [{ draftFromWeights }, { lookAtTransfer }] = await Promise.all([
      import('../runs/draft-from-weights'),
      import('../runs/transfer'),
    ]);
    const source = runOfInit(args.source) ? args.source : await grants.checkInTime(args.source);
    return lookAtTransfer(home, store, draftFromWeights(store, { ...args, source }), settings.get());
  },
};
