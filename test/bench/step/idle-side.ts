/**
 * Measures how long a device that computes by itself would be idle between steps, in a process of its own: prints a
 * line of JSON.
 */
import { busyLoop, type BusyCase } from '../../support/waiting/busy-loop';
import { loadWaitingOp } from '../../support/waiting/waiting-op';

/** @param text the case as JSON */
export async function main([text = '']: string[]): Promise<void> {
  const missing = loadWaitingOp();
  if (missing) throw new Error(`a device can't be imitated: ${missing}`);
  process.stdout.write(`${JSON.stringify(await busyLoop(JSON.parse(text) as BusyCase))}\n`);
}
