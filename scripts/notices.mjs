/**
 * `npm run notices`: writes THIRD_PARTY_NOTICES.md from package-lock.json and the licences of the installed runtime
 * packages.
 */
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = fileURLToPath(new URL('..', import.meta.url));
const lock = JSON.parse(readFileSync(join(root, 'package-lock.json'), 'utf8'));
const engine = JSON.parse(readFileSync(join(root, 'resources', 'engine.json'), 'utf8'));

const described = ([path, { version, license }]) => ({
  path,
  name: path.replace(/^.*node_modules\//, ''),
  version,
  license: license ?? 'see its files',
});
const byName = (a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : a.version < b.version ? -1 : 1);

/** Returns name, version and licence of everything that `npm ci --omit=dev` installs, on any platform. */
export function runtimePackages() {
  return Object.entries(lock.packages)
    .filter(([path, { dev, devOptional, link }]) => path.startsWith('node_modules/') && !dev && !devOptional && !link)
    .map(described)
    .sort(byName);
}

function sources(folder) {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(ts|vue)$/.test(entry.name) ? [readFileSync(path, 'utf8')] : [];
  });
}

/** Finds where `name` is installed for a package at `from`: beside it or in a folder above, in Node's order. */
function installedAt(name, from) {
  for (let folder = from; ; folder = folder.slice(0, Math.max(folder.lastIndexOf('/node_modules/'), 0))) {
    const path = `${folder && `${folder}/`}node_modules/${name}`;
    if (lock.packages[path]) return path;
    if (!folder) return null;
  }
}

/**
 * Returns the packages that the window's bundle may hold: every one that its sources import, and their dependencies.
 */
export function bundledPackages() {
  const imported = sources(join(root, 'src', 'renderer')).flatMap((text) => [
    ...text.matchAll(/(?:from|import) '((?:@[\w-]+\/)?[\w-]+)/g),
  ]);
  const waiting = [...new Set(imported.map(([, name]) => installedAt(name, '')))].filter(Boolean);
  const found = new Set();
  for (let path = waiting.pop(); path; path = waiting.pop()) {
    if (found.has(path) || lock.packages[path].link) continue;
    found.add(path);
    const { dependencies = {}, peerDependencies = {}, peerDependenciesMeta = {} } = lock.packages[path];
    const peers = Object.keys(peerDependencies).filter((name) => !peerDependenciesMeta[name]?.optional);
    for (const name of [...Object.keys(dependencies), ...peers]) {
      const at = installedAt(name, path);
      if (at) waiting.push(at);
    }
  }
  return [...found].map((path) => described([path, lock.packages[path]])).sort(byName);
}

/** Returns the copyright lines of a package's licence file, where it has one and is installed here. */
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

const row = (entry) => `| ${entry.name} | ${entry.version} | ${entry.license} | ${copyright(entry)} |`;

export function notices() {
  const rows = runtimePackages().map(row);
  return `# Third-party notices

EfficientTrain Studio is MIT-licensed (LICENSE). It is built on the work below; each package's whole licence text is in its folder under node_modules.

## Built at install

- TensorFlow ${engine.version} (libtensorflow_cc, libtensorflow_framework and C headers out of the PyPI wheel \`${engine.wheel}\`): Apache-2.0, copyright The TensorFlow Authors. Its licence is kept beside the built
  engine as LICENSE.tensorflow.
- Where there is an NVIDIA driver, TensorFlow out of the wheel \`tensorflow\` instead, and NVIDIA's libraries that it asks for (CUDA, cuDNN, NCCL), downloaded by each user: NVIDIA's
  licences, kept beside the built engine as LICENSE.nvidia_*. No package brings them.
- The addon of ${engine.package} ${engine.tfjs}, compiled from its own sources: Apache-2.0, copyright Google LLC.

## In the packages for Linux

- Node.js, copyright Node.js contributors and others: MIT, with the licences of what it contains (V8, libuv, OpenSSL, ICU, zlib and others) in the package as licenses/LICENSE.node.
- Electron and Chromium bring their own licence files beside the program.

## In this repository

- resources/sample/sign-digits: photographs of ten hand signs, Apache-2.0; licence and notice in that folder.

## Runtime packages

Written by \`npm run notices\` from package-lock.json. libvips and the libraries in sharp's binaries (LGPL-3.0-or-later and others) are listed in
the packages @img/sharp-libvips-*.

| package | version | licence | copyright |
|---|---|---|---|
${rows.join('\n')}

## In the window's bundle

What out/renderer is built from, with its fonts (Inter, JetBrains Mono and Noto Sans SC under the SIL Open Font License 1.1). From the same lock file.

| package | version | licence | copyright |
|---|---|---|---|
${bundledPackages().map(row).join('\n')}
`;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) writeFileSync(join(root, 'THIRD_PARTY_NOTICES.md'), notices());
