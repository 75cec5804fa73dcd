/**
 * Loaded before a trainer: kills it right before a rename that puts a new folder where an old one has just been moved
 * away.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { renameSync } = fs;
fs.renameSync = (from, to) => {
  if (fs.existsSync(`${to}.old`)) process.kill(process.pid, 'SIGKILL');
  renameSync(from, to);
};
syncBuiltinESMExports();
