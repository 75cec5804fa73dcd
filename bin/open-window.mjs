/**
 * Starts the desktop program, and distinguishes a window that was closed from one that never opened: a machine may lack
 * a library that Electron needs, or have a display that it can't use.
 */
import { spawn } from 'node:child_process';
import { passSignals } from './pass-signals.mjs';

/** Exit code of a program that could not start, and has said so in a dialog (src/main/desktop/start.ts). */
const TOLD = 3;
/** Electron that can't open a window ends this soon; a later end is a crash. */
const STARTING_MS = 20_000;

/**
 * Opens the window.
 * @param startingMs how long an end counts as never having opened
 * @returns why no window opened, or null; otherwise it ends the process as the program ends
 */
export function openWindow(binary, args, { startingMs = STARTING_MS, exit = process.exit } = {}) {
  const began = Date.now();
  const child = spawn(binary, args, { stdio: ['inherit', 'inherit', 'pipe'] });
  let lastLine = '';
  child.stderr.on('data', (bytes) => {
    process.stderr.write(bytes);
    lastLine = String(bytes).trim().split('\n').at(-1) || lastLine;
  });
  const signals = passSignals(child);
  return new Promise((resolve) => {
    child.on('error', (error) => resolve(`Electron could not be started (${error.message})`));
    child.on('close', (code, signal) => {
      if (code === TOLD) return exit(1);
      if (code === 0 || signals.stopped() || Date.now() - began > startingMs) return exit(signal ? 128 + 15 : code);
      signals.end();
      resolve(`Electron ended as it started (${lastLine || (signal ?? `exit code ${code}`)})`);
    });
  });
}
