/** Exits while runs of a session are not finished: `exit-while-running.ts HOW CACHE`. */
import { loadWaitingOp } from '../../support/waiting/waiting-op';
import { waitingProgram } from '../../support/waiting/waiting-program';

export function main([how = '', cacheFolder = '']: string[]): void {
  const missing = loadWaitingOp();
  if (missing) throw new Error(missing);
  const inputs = { images: { shape: [64], dtype: 'uint8' } } as const;
  const executor = waitingProgram({ step: { inputs, outputs: { loss: [] }, milliseconds: 300 } }, cacheFolder);
  for (let run = 0; run < 3; run++) executor.start('step', { images: new Uint8Array(64) });
  console.log('started');
  if (how === 'exit') process.exit(0);
  if (how === 'throw') throw new Error('the host failed');
}
