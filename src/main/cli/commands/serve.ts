import { hostname, userInfo } from 'node:os';
import { createInterface } from 'node:readline';
import { serve, type Ready } from '../../serve/serve';
import type { Command, CommandCall } from '../command';
import { optionalNumber } from '../options';

/** The default port is fixed, so that a tunnel can be set up once and for all. */
const USUAL_PORT = 8421;

const user = (): string => {
  try {
    return userInfo().username;
  } catch {
    // The account has no entry, as in containers.
    return 'USER';
  }
};

function announce({ port, allowed, newAddress }: Ready, { log, home, interactive }: CommandCall): void {
  log(`EfficientTrain Studio serves its window on this machine only; data folder ${home}`);
  log(
    `Its file browser shows ${allowed.join(' and ')}${allowed.length ? '' : 'nothing'} (--allow FOLDER changes that).`,
  );
  log('');
  log(`  ${newAddress()}`);
  log('');
  log('From another machine, first:');
  log(`  ssh -N -L ${port}:127.0.0.1:${port} ${user()}@${hostname()}`);
  log(
    `The address lets one window in.${interactive ? ' Enter prints a new one;' : ''} Ctrl-C ends the program; runs save a checkpoint first.`,
  );
  if (!interactive) return;
  const lines = createInterface({ input: process.stdin });
  lines.on('line', () => log(`  ${newAddress()}`));
  // Reading must not keep the process alive.
  process.stdin.unref();
}

export const command: Command = {
  name: 'serve',
  summary: 'Serve the window to a browser, for a machine without a screen.',
  positionals: '',
  options: {
    port: {
      type: 'string',
      value: 'N',
      description: `port on 127.0.0.1; 0: any (default ${USUAL_PORT}, else any that is free)`,
    },
    allow: {
      type: 'string',
      value: 'FOLDER',
      multiple: true,
      description: 'folder that its file browser shows (default: your home folder and the data folder)',
    },
  },
  examples: ['efficienttrain serve', 'efficienttrain serve --port 9000 --allow /data'],
  run: async (call) => {
    const port = optionalNumber(call.values, 'port', 0, 65_535);
    const options = {
      ...{ home: call.home, allow: (call.values['allow'] as string[] | undefined) ?? [], signal: call.signal },
      onReady: (ready: Ready) => announce(ready, call),
      onEnding: (runs: number) => call.log(`${runs} ${runs === 1 ? 'run saves' : 'runs save'} a checkpoint ...`),
    };
    const served = await serve({ ...options, port: port ?? USUAL_PORT, orAny: port === undefined });
    const text = served.background
      ? 'Ended; training continues in the background. The next start shows it.'
      : served.ended
        ? 'Ended.'
        : 'Ended; a trainer is still saving its checkpoint and then ends.';
    return { json: served, text };
  },
};
