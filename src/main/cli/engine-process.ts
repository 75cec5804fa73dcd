/**
 * Runs a command that loads TensorFlow in a child of this process, because the library prints on the process's stderr
 * while it loads and a process can't filter its own. It also turns a crash in the library (mostly from lack of memory)
 * into an error message.
 */
import { spawn, type ChildProcess } from 'node:child_process';
import { AppError } from '../../shared/errors';
import { engineEnvironment, gpuEnvironment } from '../engine/backend/environment';
import { EngineNoiseFilter, wantsEngineNoise } from '../engine/backend/engine-noise';
import { interrupted, onPress, type OuterMessage } from './interruption';

/** How long a command may clean up; one inside a long TensorFlow call can't notice the request. */
const GRACE_MS = 8000;

/** Says whether this process is the child. */
export const isEngineProcess = (): boolean => process.connected;

/**
 * Runs `args` in a child. @returns its exit code @throws AppError interrupted, or engine_failed where it printed no
 * error itself
 */
export async function runInEngineProcess(args: readonly string[]): Promise<number> {
  const { TF_CPP_MIN_LOG_LEVEL } = engineEnvironment({ intraOpThreads: null, interOpThreads: null });
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1] ?? '', ...args], {
    stdio: ['inherit', 'inherit', 'pipe', 'ipc'],
    // The environment is set from the start, because the library reads it before any line of ours.
    env: { TF_CPP_MIN_LOG_LEVEL, ...process.env, ...gpuEnvironment() },
  });
  const killed = killedByInterruption(child);
  passStderrOn(child);
  const { code, signal } = await new Promise<{ code: number | null; signal: NodeJS.Signals | null }>(
    (resolve, reject) => {
      child.on('error', reject);
      child.once('close', (exitCode, by) => resolve({ code: exitCode, signal: by }));
    },
  );
  if (code !== null) return code;
  if (killed()) throw interrupted('Ctrl-C was pressed.', 'Start the command again.');
  throw new AppError({
    code: 'engine_failed',
    what: `The process of this command ended with ${signal}.`,
    why:
      signal === 'SIGKILL'
        ? 'The system ends processes so when memory runs out.'
        : 'It crashed inside TensorFlow, or was ended from outside.',
    next: 'Close other programs and start it again; if it happens twice, run `efficienttrain doctor`.',
  });
}

function passStderrOn(child: ChildProcess): void {
  const filter = new EngineNoiseFilter();
  const all = wantsEngineNoise();
  child.stderr?.on('data', (bytes: Buffer) => process.stderr.write(all ? bytes : filter.push(bytes)));
  child.stderr?.on('end', () => process.stderr.write(filter.end()));
}

/**
 * The first Ctrl-C or a SIGTERM asks the child to end, the second Ctrl-C ends it at once. @returns a function that says
 * whether that has ended it
 */
function killedByInterruption(child: ChildProcess): () => boolean {
  let killed = false;
  let asked = false;
  const kill = (): void => {
    killed = child.kill('SIGKILL');
  };
  const ask = (): void => {
    if (asked) return kill();
    asked = true;
    // With a callback, a child that has ended causes no 'error' event.
    if (child.connected) child.send('interrupt' satisfies OuterMessage, () => undefined);
    setTimeout(kill, GRACE_MS).unref();
  };
  onPress(ask);
  process.on('SIGTERM', () => {
    if (!asked) ask();
  });
  return () => killed;
}
