/** The export command, ended half-way or tampered with: a partial or wrong export is never at its destination. */
import { spawn } from 'node:child_process';
import { closeSync, existsSync, mkdirSync, openSync, readdirSync, readFileSync, renameSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { entryPath } from '../../src/main/base/entry';
import { clearAbandoned } from '../../src/main/engine/export/destination';
import { efficienttrain, errorOf } from '../support/cli';
import { engineMissing } from '../support/engine';
import { tinyDataset } from '../support/tiny-dataset';
import { importFolder, newRun, temporary, train } from '../support/training';

/** Is printed when the files are written and not yet read back. */
const CHECKING = 'Checking the written files';

/** Overwrites the classifier's first bias, on which every output depends; a weight behind a ReLU may have no effect. */
function tamper(path: string): void {
  const bytes = readFileSync(path);
  const length = Number(bytes.readBigUInt64LE(0));
  const header = JSON.parse(bytes.toString('utf8', 8, 8 + length)) as Record<
    string,
    { data_offsets: [number, number] }
  >;
  const file = openSync(path, 'r+');
  writeSync(file, Buffer.from(Float32Array.of(7).buffer), 0, 4, 8 + length + header['fc.bias']!.data_offsets[0]);
  closeSync(file);
}

describe.skipIf(engineMissing)('an export', () => {
  const home = temporary('export-ended');
  const folder = join(home, 'out');
  const command = ['export', 'tiny', '--out', join(folder, 'x'), '--json'];
  const left = (): string[] => readdirSync(folder).sort();

  beforeAll(async () => {
    const dataset = await importFolder(home, await tinyDataset(join(home, 'colours'), 10));
    const run = newRun(home, dataset, { epochs: 2, preset: 'constant', set: ['name=tiny'] });
    expect((await train(home, run).ended).code).toBe(0);
    mkdirSync(folder);
  });

  it('that does not say what the run says is thrown away: parity_failed', async () => {
    const tampered: string[] = [];
    const ended = await efficienttrain(command, {
      home,
      onOutput: (text) => {
        if (!text.includes(CHECKING) || tampered.length) return;
        const [aside = ''] = left();
        tampered.push(aside);
        tamper(join(folder, aside, 'new', 'model.safetensors'));
      },
    });
    expect(tampered[0]).toMatch(/^\.x\.part-\d+-/);
    expect([ended.code, errorOf(ended).code]).toEqual([1, 'parity_failed']);
    expect(left()).toEqual([]);
  });

  it('interrupted by Ctrl-C leaves nothing and ends with 130', async () => {
    let asked = false;
    const ended = await efficienttrain(command, {
      home,
      onOutput: (text, kill) => {
        if (asked || !text.includes(CHECKING)) return;
        asked = true;
        kill('SIGINT');
      },
    });
    expect([ended.code, errorOf(ended).code]).toEqual([130, 'interrupted']);
    expect(left()).toEqual([]);
  });

  it('killed leaves its folder beside the place, and the next one clears it away', async () => {
    const child = spawn(process.execPath, [entryPath('cli'), ...command], {
      env: { ...process.env, EFFICIENTTRAIN_HOME: home },
      stdio: ['ignore', 'ignore', 'pipe'],
      detached: true,
    });
    child.stderr.on('data', (text: Buffer) => {
      if (text.toString().includes(CHECKING)) process.kill(-(child.pid as number), 'SIGKILL');
    });
    await new Promise((resolve) => child.on('close', resolve));
    expect(left()).toEqual([expect.stringMatching(/^\.x\.part-/)]);
    expect((await efficienttrain(command, { home })).code).toBe(0);
    expect(left()).toEqual(['x']);
  });

  it('killed between its two renames gives back what it was replacing', () => {
    const place = join(folder, 'x');
    const aside = join(folder, '.x.part-999999999-abc');
    mkdirSync(join(aside, 'new'), { recursive: true });
    renameSync(place, join(aside, 'old'));
    clearAbandoned(place);
    expect(left()).toEqual(['x']);
    expect(existsSync(join(place, 'model.safetensors'))).toBe(true);
  });

  it('that is being written by another process is left alone', () => {
    mkdirSync(join(folder, `.x.part-${process.pid}-abc`));
    clearAbandoned(join(folder, 'x'));
    expect(left()).toEqual([`.x.part-${process.pid}-abc`, 'x']);
  });
});
