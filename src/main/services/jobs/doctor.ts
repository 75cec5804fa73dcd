import type { JobResult } from '../../../shared/contract/job-kinds';
import { databasePath } from '../../base/home';
import type { JobImplementation } from '../core/job-protocol';
import { diagnose } from '../doctor/doctor';

export const job: JobImplementation<Record<string, never>, JobResult<'doctor'>> = {
  run: async (_args, { home }) => ({ checks: await diagnose(home, databasePath(home)) }),
};
