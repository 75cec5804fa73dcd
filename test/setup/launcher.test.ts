/**
 * The launcher, in a repository of its own with a stand-in for the build. It builds a stale program once, and starts
 * it.
 */
import { spawn, spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '../..');
let folder: string;

const put = (path: string, content: string): void => {
  mkdirSync(join(folder, path, '..'), { recursive: true });
  writeFileSync(join(folder, path), content);
};

/**
 * This build takes half a second, records that it ran, and writes a program that prints its arguments and ends with 7.
 */
const BUILD = `import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
await new Promise((resolve) => setTimeout(resolve, 500));
appendFileSync('builds.txt', 'x');
mkdirSync('out/main', { recursive: true });
writeFileSync('out/main/cli.js', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 7;');
`;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'launcher-'));
  for (const file of ['bin', 'scripts/process-ended.mjs'])
    cpSync(join(root, file), join(folder, file), { recursive: true });
  put('package.json', '{"type": "module"}');
  put('electron.vite.config.ts', '');
  put('resources/engine.json', '{}');
  put('src/a/b.ts', '');
  put('node_modules/electron-vite/bin/electron-vite.js', BUILD);
});

const builds = (): number =>
  existsSync(join(folder, 'builds.txt')) ? readFileSync(join(folder, 'builds.txt'), 'utf8').length : 0;

interface Launched {
  code: number | null;
  stdout: string;
  stderr: string;
}

function launch(args: readonly string[], node = process.execPath): Promise<Launched> {
  const child = spawn(node, [join(folder, 'bin/efficienttrain.mjs'), ...args], { cwd: tmpdir() });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()));
  child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()));
  return new Promise((resolve) => child.on('close', (code) => resolve({ code, stdout, stderr })));
}

describe('the launcher', () => {
  it('hands arguments and exit code over', async () => {
    expect(await launch(['runs', '--json', 'a b'])).toEqual({
      code: 7,
      stdout: '["runs","--json","a b"]\n',
      stderr: '',
    });
  });

  it('builds where there is no build, not again, and again where a source is newer', async () => {
    await launch([]);
    await launch([]);
    expect(builds()).toBe(1);
    const later = new Date(Date.now() + 5000);
    utimesSync(join(folder, 'src/a/b.ts'), later, later);
    await launch([]);
    expect(builds()).toBe(2);
  });

  it('two at once build once, and both run what was built', async () => {
    const both = await Promise.all([launch(['1']), launch(['2'])]);
    expect(both.map(({ code, stdout }) => [code, stdout])).toEqual([
      [7, '["1"]\n'],
      [7, '["2"]\n'],
    ]);
    expect(builds()).toBe(1);
  });

  it('does not wait for a builder that was killed', async () => {
    // No process has this number: Linux counts to 4194304.
    put('out/.building', '4999999');
    const began = performance.now();
    expect((await launch([])).code).toBe(7);
    expect(performance.now() - began).toBeLessThan(8000);
  });

  it('does not wait for a process that has the id of a builder which was killed long ago', async () => {
    put('out/.building', String(process.pid));
    const before = new Date(Date.now() - 3600_000);
    utimesSync(join(folder, 'out/.building'), before, before);
    const began = performance.now();
    expect((await launch([])).code).toBe(7);
    expect(performance.now() - began).toBeLessThan(8000);
  });

  it('says what the build said where it fails, and tries again the next time', async () => {
    put('node_modules/electron-vite/bin/electron-vite.js', "console.error('a planted fault'); process.exit(3);");
    const failed = await launch([]);
    expect([failed.code, failed.stderr]).toEqual([1, 'a planted fault\n\nThe program could not be built.\n']);
    put('node_modules/electron-vite/bin/electron-vite.js', BUILD);
    expect((await launch([])).code).toBe(7);
  });

  it('an installed package, which has no sources, is not built', async () => {
    rmSync(join(folder, 'src'), { recursive: true });
    put('out/main/cli.js', 'process.exitCode = 9;');
    expect((await launch([])).code).toBe(9);
    expect(builds()).toBe(0);
  });

  const old = (process.env['PATH'] ?? '')
    .split(delimiter)
    .filter((path) => !path.includes('node_modules'))
    .map((path) => join(path, 'node'))
    .find(
      (path) =>
        Number(/^v(\d+)/.exec(spawnSync(path, ['--version'], { encoding: 'utf8' }).stdout ?? '')?.[1] ?? 99) < 24,
    );
  if (!old) console.log('skipped: no older Node on the PATH');
  it.skipIf(!old)(
    'started by an older Node it continues with the installed one, or says that it is missing',
    async () => {
      const missing = await launch([], old);
      expect(missing.code).toBe(1);
      expect(missing.stderr).toMatch(/needs Node 24.*\nRun `npm ci`/s);
      mkdirSync(join(folder, 'node_modules/node/bin'), { recursive: true });
      cpSync(process.execPath, join(folder, 'node_modules/node/bin/node'));
      put('out/main/cli.js', 'console.log(process.versions.node);');
      put('node_modules/electron-vite/bin/electron-vite.js', '');
      expect((await launch([], old)).stdout).toBe(`${process.versions.node}\n`);
    },
  );
});
