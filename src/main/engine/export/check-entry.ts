/**
 * The parity check's own process. It has nothing of the run in its memory, only the written files. It gets one request
 * over its channel, answers once, and ends.
 */
import { errorData } from '../../../shared/errors';
import { checkExport } from './check';
import type { CheckReply, CheckRequest } from './check-protocol';

function answer(request: CheckRequest): CheckReply {
  try {
    return { type: 'result', ...checkExport(request) };
  } catch (error) {
    return { type: 'error', error: errorData(error) };
  }
}

process.once('message', (request: CheckRequest) => {
  process.send?.(answer(request), undefined, undefined, () => process.exit());
});
// Its host has ended, so nobody waits for the answer.
process.once('disconnect', () => process.exit());
