/** The engine's install, with small fakes in place of download and compiler. */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { ADDON, cacheFolder, sha256, spec, whyBroken } from '../../scripts/engine/cache.mjs';
import { buildInto, refuseMissingTools, removeHalfMade, withLock } from '../../scripts/engine/install.mjs';
import { fetchWheel, LIBRARIES } from '../../scripts/engine/wheel.mjs';
import { engineCacheFolder } from '../../src/main/engine/backend/engine-cache';
import { locateEngine } from '../../src/main/engine/backend/locate';

let folder: string;
beforeEach(() => {
  folder = join(mkdtempSync(join(tmpdir(), 'engine-')), 'engine');
});

const library = 'lib/libtensorflow_cc.so.2';
async function fetch(target: string): Promise<Record<string, { bytes: number; sha256: string }>> {
  mkdirSync(join(target, 'lib'), { recursive: true });
  writeFileSync(join(target, library), 'library');
  return { [library]: { bytes: 7, sha256: await sha256(join(target, library)) } };
}
const compile = (target: string): void => writeFileSync(join(target, ADDON), 'addon');

describe('the cache of the built engine', () => {
  it('is whole after a build, and is the folder that the program looks in', async () => {
    await buildInto(folder, { fetch, compile });
    expect(await whyBroken(folder)).toBeNull();
    expect(readdirSync(dirname(folder))).toEqual(['engine']);
    expect(engineCacheFolder({ XDG_CACHE_HOME: '/c' })).toBe(cacheFolder({ XDG_CACHE_HOME: '/c' }));
  });

  it.each([
    ['a byte changed', (at: string) => writeFileSync(join(at, library), 'librarx'), /checksum of lib/],
    ['a library cut', (at: string) => truncateSync(join(at, library), 3), /size/],
    ['a library longer', (at: string) => appendFileSync(join(at, library), 'x'), /size/],
    ['the addon gone', (at: string) => rmSync(join(at, ADDON)), /missing/],
    ['the manifest cut', (at: string) => truncateSync(join(at, 'manifest.json'), 20), /manifest is damaged/],
    ['the manifest gone', (at: string) => rmSync(join(at, 'manifest.json')), /no manifest/],
  ])('%s: not taken for whole', async (_, damage, why) => {
    await buildInto(folder, { fetch, compile });
    damage(folder);
    expect(await whyBroken(folder)).toMatch(why);
  });

  it('a build that fails half-way leaves nothing, and an engine that was there stays', async () => {
    const failing = (): never => {
      throw new Error('no compiler');
    };
    await expect(buildInto(folder, { fetch, compile: failing })).rejects.toThrow('no compiler');
    expect(existsSync(folder)).toBe(false);
    await buildInto(folder, { fetch, compile });
    await expect(buildInto(folder, { fetch, compile: failing })).rejects.toThrow();
    expect(await whyBroken(folder)).toBeNull();
    expect(readdirSync(dirname(folder))).toEqual(['engine']);
  });

  it('what a killed install has left half made goes, and nothing else', async () => {
    await buildInto(folder, { fetch, compile });
    for (const name of [`${folder}.part-123`, `${folder}.wheels`, `${folder}-other.part-123`]) mkdirSync(name);
    removeHalfMade(folder);
    expect(readdirSync(dirname(folder)).sort()).toEqual(['engine', 'engine-other.part-123', 'engine.wheels']);
  });

  it('a newer build takes the libraries of the one before, and each is whole without the other', async () => {
    const downloaded: string[] = [];
    const download = (requirement: string, target: string): unknown => {
      downloaded.push(requirement);
      mkdirSync(join(target, 'lib'), { recursive: true });
      for (const name of LIBRARIES) writeFileSync(join(target, name), 'library');
      const sha = createHash('sha256').update('library').digest('hex');
      return Object.fromEntries(LIBRARIES.map((name: string) => [name, { bytes: 7, sha256: sha }]));
    };
    const folderOf = (build: number): string => join(dirname(folder), `${spec.wheel}-build-${build}`);
    const build = (number: number): Promise<void> =>
      buildInto(folderOf(number), {
        fetch: (aside: string) => fetchWheel(aside, folderOf(number), () => undefined, { download } as never),
        compile,
      }) as Promise<void>;
    const fileOf = (number: number): string => join(folderOf(number), LIBRARIES[0] as string);
    await build(1);
    await build(2);
    expect(downloaded).toEqual([`${spec.wheel}==${spec.version}`]);
    expect(statSync(fileOf(2)).ino).toBe(statSync(fileOf(1)).ino);
    rmSync(folderOf(1), { recursive: true });
    expect(await whyBroken(folderOf(2))).toBeNull();
    truncateSync(fileOf(2), 3);
    await build(3);
    expect(downloaded).toHaveLength(2);
    expect(await whyBroken(folderOf(3))).toBeNull();
  });

  it('two installs at once build once; the lock of a dead process is broken', async () => {
    const lock = `${folder}.lock`;
    let builds = 0;
    const install = (): Promise<void> =>
      withLock(lock, async () => {
        if (existsSync(folder)) return;
        builds++;
        await new Promise((resolve) => setTimeout(resolve, 200));
        await buildInto(folder, { fetch, compile });
      }) as Promise<void>;
    await Promise.all([install(), install()]);
    expect(builds).toBe(1);
    // No process has this number: Linux counts to 4194304.
    writeFileSync(lock, '4999999');
    await install();
    expect(existsSync(lock)).toBe(false);
  });

  it('the program falls back, too, where the manifest is cut', async () => {
    const cache = mkdtempSync(join(tmpdir(), 'engine-cache-'));
    vi.stubEnv('XDG_CACHE_HOME', cache);
    vi.stubEnv('EFFICIENTTRAIN_ENGINE', '');
    await buildInto(cacheFolder(), { fetch, compile });
    expect(locateEngine()).toMatchObject({ kind: 'libtensorflow' });
    truncateSync(join(cacheFolder(), 'manifest.json'), 20);
    expect(locateEngine().kind).not.toBe('libtensorflow');
    vi.unstubAllEnvs();
  });

  it('what a build lacks is said at once, before anything is downloaded', () => {
    vi.stubEnv('PATH', dirname(folder));
    vi.stubEnv('CXX', '');
    try {
      expect(refuseMissingTools).toThrow(
        'Python 3 with pip and a C++ compiler could not be found (Debian: apt-get install python3-pip g++)',
      );
    } finally {
      vi.unstubAllEnvs();
    }
  });

  it('npm ci continues where there is neither: the install prints one message and ends with 0', () => {
    const script = join(import.meta.dirname, '../../scripts/postinstall.mjs');
    const env = { PATH: dirname(folder), HOME: dirname(folder), XDG_CACHE_HOME: join(dirname(folder), 'cache') };
    const { status, stderr } = spawnSync(process.execPath, [script], { env, encoding: 'utf8' });
    expect(status).toBe(0);
    expect(stderr).toMatch(
      /^\nEfficientTrain Studio: the TensorFlow engine could not be installed, .*\n {2}why: .*\n {2}next: .*\n\n$/,
    );
  });

  it('an override that is not there falls back to tfjs and says why', () => {
    const before = process.env['EFFICIENTTRAIN_ENGINE'];
    process.env['EFFICIENTTRAIN_ENGINE'] = folder;
    try {
      expect(locateEngine()).toMatchObject({ kind: 'tfjs-cpu', why: expect.stringContaining(folder) as string });
    } finally {
      if (before === undefined) delete process.env['EFFICIENTTRAIN_ENGINE'];
      else process.env['EFFICIENTTRAIN_ENGINE'] = before;
    }
  });
});
