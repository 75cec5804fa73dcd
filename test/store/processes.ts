/** Builds the writer thread and the tests' child process from source, and runs them as processes of their own. */
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { build } from 'vite';
import { afterAll } from 'vitest';

const root = join(import.meta.dirname, '../..');

const folders: string[] = [];
const running = new Set<ChildProcess>();
// The hook is registered here, because vitest accepts no hooks inside of a hook.
afterAll(() => {
  for (const child of running) child.kill('SIGKILL');
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

export interface Built {
  worker: string;
  child: string;
}

/**
 * The folder is inside the repository, so that the built files find node_modules. It is removed after the file's tests.
 */
export async function buildProcesses(): Promise<Built> {
  mkdirSync(join(root, 'out'), { recursive: true });
  const folder = mkdtempSync(join(root, 'out', 'test-store-'));
  // Some tests run it as another user.
  chmodSync(folder, 0o755);
  folders.push(folder);
  await build({
    ...{ root, configFile: false, logLevel: 'error' },
    build: {
      ...{ ssr: true, outDir: folder, target: 'node24' },
      rolldownOptions: {
        input: { worker: join(root, 'src/main/store/writer-worker.ts'), child: join(import.meta.dirname, 'child.ts') },
        output: { format: 'es', entryFileNames: '[name].js' },
      },
    },
  });
  return { worker: join(folder, 'worker.js'), child: join(folder, 'child.js') };
}

export interface Child {
  process: ChildProcess;
  /** Returns the first line that it prints, parsed. */
  said: Promise<unknown>;
  ended: Promise<unknown>;
}

export function startChild(
  { child }: Built,
  args: readonly string[],
  options: { env?: Record<string, string>; uid?: number } = {},
): Child {
  const { env = {}, ...rest } = options;
  const started = spawn(process.execPath, [child, ...args], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, ...env },
    ...rest,
  });
  running.add(started);
  const ended = once(started, 'exit').finally(() => running.delete(started));
  const said = new Promise<unknown>((resolve, reject) => {
    createInterface(started.stdout as NodeJS.ReadableStream).once('line', (line) => resolve(JSON.parse(line)));
    ended.then(() => setTimeout(() => reject(new Error('the child said nothing')), 200), reject);
  });
  return { process: started, said, ended };
}
