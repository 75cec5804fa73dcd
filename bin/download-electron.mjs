/**
 * `node download-electron.mjs FOLDER`: fetches Electron's binary into its package's folder, by the package's own
 * downloader and checksums, and unpacks it by the package's own install script. It ends with 1 and one line where
 * nothing was received for ten seconds.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const SILENCE_MS = Number(process.env.EFFICIENTTRAIN_SILENCE_MS ?? 10_000);
const folder = process.argv[2];
const load = createRequire(join(folder, 'package.json'));
const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8'));

const fail = (why) => {
  console.error(why);
  process.exit(1);
};

const controller = new AbortController();
const silent = () => {
  controller.abort();
  fail(`nothing came for ${SILENCE_MS / 1000} s`);
};
let timer = setTimeout(silent, SILENCE_MS);
let shown = -1;

function progressed({ transferred, total, percent }) {
  clearTimeout(timer);
  if (percent < 1) timer = setTimeout(silent, SILENCE_MS);
  const whole = Math.floor(percent * 100);
  if (whole === shown || (!process.stdout.isTTY && whole % 10 !== 0)) return;
  shown = whole;
  const size = `${(transferred / 1e6).toFixed(0)}${total ? ` of ${(total / 1e6).toFixed(0)}` : ''} MB`;
  process.stdout.write(process.stdout.isTTY ? `\r  ${whole} %  ${size}   ` : `  ${whole} %  ${size}\n`);
}

try {
  const { downloadArtifact } = load('@electron/get');
  await downloadArtifact({
    ...{ version, artifactName: 'electron', platform: process.platform, arch: process.arch },
    checksums: load('./checksums.json'),
    downloadOptions: {
      quiet: true,
      signal: controller.signal,
      getProgressCallback: async (progress) => progressed(progress),
    },
  });
  clearTimeout(timer);
  if (process.stdout.isTTY) process.stdout.write('\n');
} catch (error) {
  fail(error.cause?.message ?? error.message);
}
// The script finds the fetched file, checks it and unpacks it.
load('./install.js');
