import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { memoryArgs } from '../../../shared/contract/plans';
import { databasePath } from '../../base/home';
import { openStore } from '../../store/open';
import { SettingsStore } from '../../store/settings';
import type { JobImplementation } from '../core/job-protocol';
import { borrowDeviceToRead, figuresOf } from '../gpu/take-device';
import { memoryOf } from '../preflight/device-memory';
import { earlyBatches } from '../preflight/early-batches';
import { resolveDraftRun } from '../runs/draft-run';

export const job: JobImplementation<z.output<typeof memoryArgs>, JobResult<'early_batches'>> = {
  run: async ({ draft }, { home }) => {
    const store = openStore(databasePath(home));
    try {
      const { config, plan, dataset } = resolveDraftRun(store, draft, new SettingsStore(store).get());
      const device = await borrowDeviceToRead(store, config.engine.device);
      const gpu = await figuresOf(device);
      return earlyBatches(config, dataset.classes.length, plan, memoryOf(gpu), gpu === null);
    } finally {
      store.close();
    }
  },
};
