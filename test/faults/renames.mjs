/**
 * Is loaded before a trainer, and kills it right before a rename that moves a new folder to the place of an old one.
 */
import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

const { renameSync } = fs;
fs.renameSync = (from, to) => {
  if (fs.existsSync(`${to}.old`)) process.kill(process.pid, 'SIGKILL');
  renameSync(from, to);
};
syncBuiltinESMExports();
