import { createInterface } from 'node:readline/promises';

/**
 * Asks a yes-or-no question on the terminal; the end of the input is a no. While a line is read the terminal sends
 * Ctrl-C as a letter, so it is passed on as the signal that it would have been.
 * @throws the signal's reason where it aborts
 */
export async function confirmed(question: string, signal: AbortSignal): Promise<boolean> {
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  terminal.on('SIGINT', () => process.kill(process.pid, 'SIGINT'));
  const ended = new Promise<string>((resolve) => terminal.once('close', () => resolve('')));
  try {
    const answer = await Promise.race([terminal.question(question, { signal }), ended]);
    return /^y(es)?$/i.test(answer.trim());
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    terminal.close();
  }
}
