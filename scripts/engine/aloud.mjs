import { closeSync, openSync, writeSync } from 'node:fs';

const hidden = () => process.env.npm_lifecycle_event === 'postinstall' && !process.stderr.isTTY;

/**
 * npm keeps what an install script prints to itself, so a download of minutes would pass in silence: such lines go to
 * the terminal besides, where there is one.
 * @param prefix text before a line there
 * @param terminal its file, null where stderr is seen anyway; given in tests
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
      // A process without a terminal, as in a container's build: its log has the line.
      if (!['ENXIO', 'ENOENT', 'EACCES', 'EIO'].includes(error.code)) throw error;
    }
  };
}
