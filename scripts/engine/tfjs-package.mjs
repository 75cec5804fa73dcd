/**
 * Fetches the tfjs-node-gpu package, of which only JavaScript and C++ sources are used. npm before 11.16 drops it,
 * because its own download fails.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, spec } from './cache.mjs';

export const packageFolder = join(root, 'node_modules', ...spec.package.split('/'));

const complete = () =>
  existsSync(join(packageFolder, 'dist', 'nodejs_kernel_backend.js')) &&
  existsSync(join(packageFolder, 'binding', 'tfjs_backend.cc'));

/** @returns version and checksum of a package in the lock file @throws Error where it has none */
export function pinned(name, lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'))) {
  const entry = lock.packages[`node_modules/${name}`];
  if (!entry?.integrity?.startsWith('sha512-')) throw new Error(`package-lock.json has no checksum of ${name}`);
  return { version: entry.version, integrity: entry.integrity };
}

/**
 * Refuses an archive that is not the lock file's, because `npm pack` reads no lock file. @throws Error naming the
 * archive
 */
export function refuseOther(archive, name, { version, integrity }) {
  const found = `sha512-${createHash('sha512').update(readFileSync(archive)).digest('base64')}`;
  if (found === integrity) return;
  throw new Error(
    `what npm downloaded as ${name} ${version} is not what package-lock.json names (${found} instead of ${integrity}); npm's registry may be another than npmjs.org, see \`npm config get registry\``,
  );
}

/** Fetches one package of the lock file into its place. @param aside an empty folder */
function fetchPackage(name, aside) {
  const pin = pinned(name);
  const pack = spawnSync('npm', ['pack', '--silent', '--pack-destination', aside, `${name}@${pin.version}`], {
    cwd: aside,
    encoding: 'utf8',
    shell: process.platform === 'win32',
  });
  const archive = readdirSync(aside).find((file) => file.endsWith('.tgz'));
  if (pack.status !== 0 || !archive) throw new Error(`npm pack ${name} failed: ${pack.stderr.trim()}`);
  refuseOther(join(aside, archive), name, pin);
  const tar = spawnSync('tar', ['-xzf', archive], { cwd: aside, encoding: 'utf8' });
  if (tar.status !== 0) throw new Error(`${archive} could not be unpacked: ${tar.stderr.trim()}`);
  rmSync(join(aside, archive));
  const target = join(root, 'node_modules', ...name.split('/'));
  rmSync(target, { recursive: true, force: true });
  renameSync(join(aside, 'package'), target);
}

/**
 * Fetches the package where it is missing. The parts of it that run need google-protobuf from the registry; the rest of
 * its dependencies are tfjs's own or never called.
 */
export function ensurePackage(say) {
  if (complete()) return;
  say(`fetching ${spec.package} ${spec.tfjs}, which npm left out`);
  mkdirSync(dirname(packageFolder), { recursive: true });
  const aside = mkdtempSync(join(root, 'node_modules', '.tfjs-node-'));
  try {
    const has = existsSync(join(root, 'node_modules', 'google-protobuf'));
    for (const name of [spec.package, ...(has ? [] : ['google-protobuf'])]) fetchPackage(name, aside);
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  if (!complete()) throw new Error(`${spec.package} is not complete`);
}
