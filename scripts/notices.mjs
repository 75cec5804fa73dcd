/** `npm run notices`: writes THIRD_PARTY_NOTICES.md from package-lock.json and the licences of the installed runtime packages. */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const engine = JSON.parse(readFileSync(join(root, 'resources', 'engine.json'), 'utf8'));

/** Name, version and licence of everything that `npm ci --omit=dev` installs, on any platform. */
export function runtimePackages() {
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional, link }]) => path.startsWith('node_modules/') && !dev && !devOptional && !link)
    .map(([path, { version, license }]) => ({
      path,
      name: path.replace(/^.*node_modules\//, ''),
      version,
      license: license ?? 'see its files',
    }))
    .sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1));
}

/** The copyright lines of a package's licence file, where it has one and is installed here. */
function copyright({ path }) {
  const folder = join(root, path);
  if (!existsSync(folder)) return '';
  const file = readdirSync(folder).find((name) => /^licen[cs]e/i.test(name));
  if (!file) return '';
  const lines = readFileSync(join(folder, file), 'utf8')
    .split('\n')
    .map((line) => line.trim());
  return lines
    .filter((line) => /^copyright\b.*\d{4}|^copyright \(c\)/i.test(line))
    .slice(0, 2)
    .join('; ')
    .replaceAll('|', '/');
}

export function notices() {
  const rows = runtimePackages().map((entry) => `| ${entry.name} | ${entry.version} | ${entry.license} | ${copyright(entry)} |`);
  return `# Third-party notices

EfficientTrain Studio is MIT-licensed (LICENSE). It stands on the work below; each package's whole licence text is in its folder under node_modules.

## Built at install

- TensorFlow ${engine.version} (libtensorflow_cc, libtensorflow_framework and C headers out of the PyPI wheel \`${engine.wheel}\`): Apache-2.0, copyright The TensorFlow Authors. Its licence is kept beside the built
  engine as LICENSE.tensorflow.
- The addon of ${engine.package} ${engine.tfjs}, compiled from its own sources: Apache-2.0, copyright Google LLC.

## In this repository

- resources/sample/sign-digits: photographs of ten hand signs, Apache-2.0; licence and notice in that folder.

## Runtime packages

Written by \`npm run notices\` from package-lock.json. libvips and the libraries in sharp's binaries (LGPL-3.0-or-later and others) are listed in
the packages @img/sharp-libvips-*.

| package | version | licence | copyright |
|---|---|---|---|
${rows.join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, 'THIRD_PARTY_NOTICES.md'), notices());
