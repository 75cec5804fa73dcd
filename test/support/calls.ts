/** Calls the window's functions as its host answers them, with arguments and results parsed by the contract. */
import { CALLS, type Args, type CallName, type ParsedArgs, type Result } from '../../src/shared/contract';
import { databasePath } from '../../src/main/base/home';
import type { CallContext, Handlers } from '../../src/main/services/core/context';
import { Grants } from '../../src/main/services/core/grants';
import type { JobCall } from '../../src/main/services/core/job-protocol';
import { JobRunner } from '../../src/main/services/core/job-runner';
import { openStore } from '../../src/main/store/open';

export function contextOf(home: string, granted: string[] = []): CallContext {
  return {
    ...{ home, store: openStore(databasePath(home)), grants: new Grants([home, ...granted]) },
    jobs: new JobRunner(home, () => undefined),
  } as unknown as CallContext;
}

export const jobCall = (home: string, signal = new AbortController().signal): JobCall => ({
  ...{ home, signal },
  progress: () => undefined,
});

type Parsed = <N extends CallName>(name: N, args: Args<N>) => Promise<Result<N>>;

/** Returns a function that calls the handlers of some nouns by name. */
export function caller(context: CallContext, handlers: Partial<Handlers<string>>): Parsed {
  return async (name, args) => {
    const handle = handlers[name] as unknown as (context: CallContext, args: ParsedArgs<typeof name>) => unknown;
    const parsed = CALLS[name].args.parse(args) as ParsedArgs<typeof name>;
    return CALLS[name].result.parse(await handle(context, parsed)) as Result<typeof name>;
  };
}
