import { join } from 'node:path';
import type { z } from 'zod';
import type { JOB_KINDS, JobResult } from '../../../shared/contract/job-kinds';
import { findRun } from '../../store/runs';
import type { JobImplementation } from '../core/job-protocol';
import { exportRun } from '../exports/exports';
import { withHome } from '../runs/runs';

type Args = z.output<typeof JOB_KINDS.export.args>;

export const job: JobImplementation<Args, JobResult<'export'>> = {
  run: ({ run, format, folder, name, force, part, checkpoint, weights }, { home, signal, progress }) =>
    withHome(home, (store) => {
      progress('writing', 0, 0);
      return exportRun(store, {
        ...{
          home,
          run: findRun(store, run),
          format,
          out: join(folder, name),
          within: folder,
          force,
          checkpoint,
          weights,
          part,
          names: 'timm',
          signal,
        },
        // Its only message says that the written files are being checked now.
        log: () => progress('checking', 0, 0),
      });
    }),
};
