/** The tfjs-node-gpu package, of which only JavaScript and C++ sources are used. npm before 11.16 drops it, because its own download fails. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { root, spec } from './cache.mjs';

export const packageFolder = join(root, 'node_modules', ...spec.package.split('/'));

const complete = () =>
  existsSync(join(packageFolder, 'dist', 'nodejs_kernel_backend.js')) &&
  existsSync(join(packageFolder, 'binding', 'tfjs_backend.cc'));

/** The parts of it that run need this from the registry; the rest of its dependencies are tfjs's own or never called. */
export function ensurePackage(say) {
  if (complete()) return;
  say(`fetching ${spec.package} ${spec.tfjs}, which npm left out`);
  mkdirSync(dirname(packageFolder), { recursive: true });
  const aside = mkdtempSync(join(root, 'node_modules', '.tfjs-node-'));
  try {
    for (const name of [
      `${spec.package}@${spec.tfjs}`,
      ...(existsSync(join(root, 'node_modules', 'google-protobuf')) ? [] : ['google-protobuf@3.9.2']),
    ]) {
      const pack = spawnSync('npm', ['pack', '--silent', '--pack-destination', aside, name], {
        cwd: aside,
        encoding: 'utf8',
        shell: process.platform === 'win32',
      });
      const archive = readdirSync(aside).find((file) => file.endsWith('.tgz'));
      if (pack.status !== 0 || !archive) throw new Error(`npm pack ${name} failed: ${pack.stderr.trim()}`);
      const tar = spawnSync('tar', ['-xzf', archive], { cwd: aside, encoding: 'utf8' });
      if (tar.status !== 0) throw new Error(`${archive} could not be unpacked: ${tar.stderr.trim()}`);
      rmSync(join(aside, archive));
      const target = name.startsWith(spec.package) ? packageFolder : join(root, 'node_modules', 'google-protobuf');
      rmSync(target, { recursive: true, force: true });
      renameSync(join(aside, 'package'), target);
    }
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
  if (!complete()) throw new Error(`${spec.package} is not complete`);
}
