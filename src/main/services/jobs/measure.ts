import type { JobResult } from '../../../shared/contract/job-kinds';
import { databasePath } from '../../base/home';
import { openStore } from '../../store/open';
import { SettingsStore } from '../../store/settings';
import type { JobImplementation } from '../core/job-protocol';
import { measureModel, type ModelSize } from '../preflight/measure-model';

export const job: JobImplementation<ModelSize, JobResult<'measure'>> = {
  run: async (asked, { home, signal, progress }) => {
    const store = openStore(databasePath(home));
    try {
      const settings = new SettingsStore(store).get();
      return await measureModel(asked, { home, store, settings, signal, onPhase: (phase) => progress(phase, 0, 0) });
    } finally {
      store.close();
    }
  },
};
