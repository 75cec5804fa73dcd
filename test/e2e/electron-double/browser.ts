/** Starts the Chromium that replaces Electron's own. It ends with this process, however that ends. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { CHROMIUM_FLAGS } from '../support/chromium.ts';
import { Cdp } from './cdp.ts';

export interface Browser {
  cdp: Cdp;
  url: string;
  close(): Promise<void>;
}

/** A shell script that reads until this process is gone, by a signal or not, and then kills the browser. */
const WATCH = 'exec 3<&0; "$@" </dev/null & browser=$!; cat <&3 >/dev/null; kill -9 $browser';
const CLOSE_MS = 3000;

/** Starts the browser. @param userData folder that gets its profile */
export async function launchBrowser(userData: string): Promise<Browser> {
  const { path, env } = JSON.parse(process.env['ELECTRON_DOUBLE_CHROMIUM'] ?? '') as {
    path: string;
    env: Record<string, string>;
  };
  const flags = [
    ...CHROMIUM_FLAGS,
    '--no-startup-window',
    '--remote-debugging-port=0',
    `--user-data-dir=${join(userData, 'profile')}`,
  ];
  const child = spawn('sh', ['-c', WATCH, 'sh', path, ...flags], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'pipe'],
  });
  const url = await new Promise<string>((resolve, reject) => {
    let said = '';
    child.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk);
      const found = /DevTools listening on (ws:\S+)/.exec(said)?.[1];
      if (found) resolve(found);
    });
    child.once('exit', () => reject(new Error(`the browser did not start: ${said}`)));
  });
  const cdp = await Cdp.connect(url);
  return {
    ...{ cdp, url },
    async close() {
      await Promise.race([
        cdp.send('Browser.close').then(
          () => cdp.closed,
          () => undefined,
        ),
        new Promise((resolve) => setTimeout(resolve, CLOSE_MS)),
      ]);
      child.stdin.end();
      await new Promise<void>((resolve) =>
        child.exitCode === null && child.signalCode === null ? child.once('exit', () => resolve()) : resolve(),
      );
    },
  };
}
