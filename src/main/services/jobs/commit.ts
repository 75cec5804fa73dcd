import type { z } from 'zod';
import type { JobResult } from '../../../shared/contract/job-kinds';
import type { commitArgs } from '../../../shared/contract/reviews';
import { commitNow } from '../datasets/commit-review';
import type { JobImplementation } from '../core/job-protocol';
import { withHome } from '../runs/runs';

export const job: JobImplementation<z.output<typeof commitArgs>, JobResult<'commit'>> = {
  run: ({ review, name }, { home, progress }) =>
    withHome(home, (store) => {
      progress('writing', 0, 0);
      return { dataset: commitNow(home, store, review, name) };
    }),
};
