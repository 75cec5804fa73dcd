import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { memoryArgs } from '../../../shared/contract/plans';
import { databasePath } from '../../base/home';
import { openStore } from '../../store/open';
import type { JobImplementation } from '../core/job-protocol';
import { borrowDeviceToRead } from '../gpu/take-device';
import { SettingsStore } from '../../store/settings';
import { resolveDraftRun } from '../runs/draft-run';
import { estimateMemory } from '../preflight/memory-estimate';

export const job: JobImplementation<z.output<typeof memoryArgs>, JobResult<'memory'>> = {
  run: async ({ draft }, { home }) => {
    const store = openStore(databasePath(home));
    try {
      const { config, plan, dataset } = resolveDraftRun(store, draft, new SettingsStore(store).get());
      // The ops of a step depend on the device.
      await borrowDeviceToRead(store, config.engine.device);
      return estimateMemory(config, dataset.classes.length, plan);
    } finally {
      store.close();
    }
  },
};
