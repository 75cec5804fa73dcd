/** Opens the core without a shell, and makes its calls as a window does. */
import type { Args, CallName, Result } from '../../src/shared/contract';
import { AppError } from '../../src/shared/errors';
import { createCore, type Core } from '../../src/main/services/core/core';
import type { Host } from '../../src/main/services/core/host';
import type { Run } from '../../src/main/store/runs';
import { temporary } from '../support/training';

export interface Opened {
  core: Core;
  home: string;
  /** Makes a call. @throws AppError the host's answer */
  call: <N extends CallName>(name: N, args: Args<N>) => Promise<Result<N>>;
  topics: { topic: string; data: unknown }[];
  ended: Run[];
  /** Requests to the shell. */
  asked: unknown[];
}

export function openCore(home = temporary('core'), changes: Partial<Host> = {}): Opened {
  const [topics, ended, asked]: [Opened['topics'], Run[], unknown[]] = [[], [], []];
  const host: Host = {
    kind: 'desktop',
    allowed: [],
    pick: () => Promise.resolve(null),
    reveal: (path) => {
      asked.push({ reveal: path });
      return Promise.resolve();
    },
    quit: (how) => asked.push({ quit: how }),
    emit: (topic, data) => topics.push({ topic, data }),
    ...changes,
  };
  const core = createCore({ home, host, onRunEnd: (run) => ended.push(run) });
  return {
    ...{ core, home, topics, ended, asked },
    async call(name, args) {
      const reply = await core.call(name, args);
      if (!reply.ok) throw new AppError(reply.error);
      return reply.value as never;
    },
  };
}
