import { closeSync, openSync, writeSync } from 'node:fs';

const hidden = () => process.env.npm_lifecycle_event === 'postinstall' && !process.stderr.isTTY;

/**
 * Prints a line to the terminal, too. npm hides what an install script prints, so a download of minutes would show
 * nothing.
 * @param prefix text before a line on the terminal
 * @param terminal its file, null where stderr is visible anyway; given in tests
 */
export function aloud(print, prefix = '', terminal = hidden() ? '/dev/tty' : null) {
  return (line) => {
    print(line);
    if (terminal === null) return;
    try {
      const file = openSync(terminal, 'a');
      writeSync(file, `${prefix}${line}\n`);
      closeSync(file);
    } catch (error) {
      // A process without a terminal, as in a container's build, has the line in its log.
      if (!['ENXIO', 'ENOENT', 'EACCES', 'EIO'].includes(error.code)) throw error;
    }
  };
}
