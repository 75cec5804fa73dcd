/** What an install checks and waits for: checksums of downloads, locks that end, a suitable C library. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { spec } from '../../scripts/engine/cache.mjs';
import { whyNoGlibc } from '../../scripts/engine/libc.mjs';
import { isAbandoned, withLock } from '../../scripts/engine/lock.mjs';
import { pinned, refuseOther as refuseOtherPackage } from '../../scripts/engine/tfjs-package.mjs';
import { refuseOther as refuseOtherWheel } from '../../scripts/engine/wheel.mjs';

let folder: string;
let lock: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'install-safety-'));
  lock = join(folder, 'engine.lock');
});

describe('what is downloaded', () => {
  const content = Buffer.from('a wheel');
  const wheel = (): string => {
    const path = join(folder, 'x.whl');
    writeFileSync(path, content);
    return path;
  };
  const good = {
    ...{ wheel: 'x', version: '1', bytes: content.length },
    sha256: createHash('sha256').update(content).digest('hex'),
  };

  it('of pip is taken by its pinned checksum alone', () => {
    expect(spec.sha256).toMatch(/^[0-9a-f]{64}$/);
    expect(spec.bytes).toBeGreaterThan(2e8);
    refuseOtherWheel(wheel(), good);
    expect(() => refuseOtherWheel(wheel(), { ...good, sha256: good.sha256.replace(/^./, 'x') })).toThrow(
      /not the file.*sha256/s,
    );
    expect(() => refuseOtherWheel(wheel(), { ...good, bytes: 1 })).toThrow(/not the file/);
  });

  it('of npm is taken by the checksum of the lock file alone', () => {
    for (const name of [spec.package, 'google-protobuf']) {
      const { version, integrity } = pinned(name);
      expect(version).toMatch(/^\d/);
      expect(integrity).toMatch(/^sha512-[A-Za-z0-9+/]{86}==$/);
    }
    expect(pinned(spec.package).version).toBe(spec.tfjs);
    const integrity = `sha512-${createHash('sha512').update(content).digest('base64')}`;
    refuseOtherPackage(wheel(), 'x', { version: '1', integrity });
    expect(() => refuseOtherPackage(wheel(), 'x', { version: '1', integrity: 'sha512-other' })).toThrow(
      /package-lock\.json/,
    );
    expect(() => pinned('not-in-it')).toThrow(/no checksum/);
    expect(() =>
      pinned('x', { packages: { 'node_modules/x': { version: '1', integrity: 'sha1-abc' } } } as never),
    ).toThrow();
  });
});

describe('a lock', () => {
  const quick = { pollMs: 10, longestMs: 60_000 };
  const take = (limits = quick): Promise<unknown> =>
    withLock(
      lock,
      async () => 'done',
      () => undefined,
      limits,
    );
  /** Returns the content of a lock of this process. */
  const own = async (): Promise<string> => {
    let text = '';
    await withLock(lock, async () => void (text = readFileSync(lock, 'utf8')));
    return text;
  };

  it('names its process, and goes with it', async () => {
    const owner = JSON.parse(await own()) as { pid: number };
    expect(owner.pid).toBe(process.pid);
    expect(readdirSync(folder)).toEqual([]);
  });

  it('of a process whose id another one has now is not waited for', async () => {
    const owner = JSON.parse(await own()) as object;
    // This process lives, but isn't the one that started at that time.
    writeFileSync(lock, JSON.stringify({ ...owner, started: 'another-boot 1' }));
    const began = performance.now();
    expect(await take()).toBe('done');
    expect(performance.now() - began).toBeLessThan(2000);
    expect(existsSync(lock)).toBe(false);
  });

  it('of an earlier version, of another machine or cut short is nobody’s once it is old', async () => {
    const owner = JSON.parse(await own()) as object;
    const hour = 3600_000;
    for (const text of [String(process.pid), JSON.stringify({ ...owner, place: 'another pid:[1]' }), '', '{"pid":']) {
      expect(isAbandoned(text, hour), text).toBe(false);
      expect(isAbandoned(text, 5 * hour), text).toBe(true);
    }
    expect(isAbandoned('4999999', 0)).toBe(true);
    expect(isAbandoned(await own(), 5 * hour), 'a process that lives').toBe(false);
    writeFileSync(lock, '');
    const old = new Date(Date.now() - 5 * hour);
    utimesSync(lock, old, old);
    expect(await take()).toBe('done');
  });

  it('that a living process keeps is waited for with a bound, and then named', async () => {
    const text = await own();
    writeFileSync(lock, text);
    const waiting = take({ pollMs: 10, longestMs: 200 });
    await expect(waiting).rejects.toThrow(new RegExp(`${process.pid}.*end that process`, 's'));
    expect(readFileSync(lock, 'utf8')).toBe(text);
  });

  it('of a dead process is broken by one waiter: of many at once never two work', async () => {
    const script = join(folder, 'worker.mjs');
    const module = join(import.meta.dirname, '../../scripts/engine/lock.mjs');
    writeFileSync(
      script,
      `import { rmSync, writeFileSync } from 'node:fs';
       import { setTimeout as sleep } from 'node:timers/promises';
       import { withLock } from ${JSON.stringify(module)};
       for (let round = 0; round < 15; round++) {
         await withLock(${JSON.stringify(lock)}, async () => {
           writeFileSync(${JSON.stringify(join(folder, 'working'))}, '', { flag: 'wx' });
           await sleep(3);
           rmSync(${JSON.stringify(join(folder, 'working'))});
           // The process seems to have been killed: its successors find the lock of a dead process.
           if (round % 3 === 0) writeFileSync(${JSON.stringify(lock)}, '4999999');
         }, undefined, { pollMs: 1 });
       }`,
    );
    writeFileSync(lock, '4999999');
    const workers = Array.from(
      { length: 6 },
      () =>
        new Promise<{ code: number | null; said: string }>((resolve) => {
          const child = spawn(process.execPath, [script], { stdio: ['ignore', 'ignore', 'pipe'] });
          let said = '';
          child.stderr.on('data', (bytes: Buffer) => (said += bytes.toString()));
          child.on('close', (code) => resolve({ code, said }));
        }),
    );
    for (const { code, said } of await Promise.all(workers)) expect(code, said).toBe(0);
  });
});

describe('the C library', () => {
  it('has to be glibc of some age, which is said before anything is downloaded', () => {
    expect(whyNoGlibc({ glibcVersionRuntime: '2.27' } as never)).toBeNull();
    expect(whyNoGlibc({ glibcVersionRuntime: '2.41' } as never)).toBeNull();
    expect(whyNoGlibc({ glibcVersionRuntime: '3.0' } as never)).toBeNull();
    expect(whyNoGlibc({ glibcVersionRuntime: '2.17' } as never)).toContain('2.17');
    expect(whyNoGlibc({} as never)).toContain('musl');
  });
});
