import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDestination, writeAside } from '../../src/main/engine/export/destination';
import { isExport, writeManifest, type ExportManifest } from '../../src/main/engine/export/manifest';

let home = '';
beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'destination-'));
});

const manifest: ExportManifest = {
  ...{
    export_version: 1,
    format: 'safetensors',
    model: 'resnet_micro',
    options: { num_classes: 2, img_size: 32, drop_path_rate: 0, drop_rate: 0 },
    label_names: ['a', 'b'],
    created: '',
  },
  preprocessing: { size: 32, crop_pct: 1, interpolation: 'bicubic', mean: [0, 0, 0], std: [1, 1, 1] },
  run: { id: 'r', name: 'r', step: 1, weights: 'raw' },
};

function exported(name: string): string {
  const folder = join(home, name);
  mkdirSync(folder);
  writeManifest(folder, manifest);
  writeFileSync(join(folder, 'old.txt'), 'old');
  return folder;
}

const refused = expect.objectContaining({ code: 'io' }) as Error;
const write = (out: string, force = false): Promise<void> =>
  writeAside(checkDestination(out, force), force, async (folder) => writeFileSync(join(folder, 'new.txt'), 'new'));

describe('where an export may go', () => {
  it('a new folder, at any depth, and an empty one', async () => {
    await write(join(home, 'deep', 'er'));
    expect(readdirSync(join(home, 'deep', 'er'))).toEqual(['new.txt']);
    mkdirSync(join(home, 'empty'));
    await write(join(home, 'empty'));
    expect(readFileSync(join(home, 'empty', 'new.txt'), 'utf8')).toBe('new');
  });

  it('an export of ours only by force, and then nothing old is left', async () => {
    const folder = exported('mine');
    await expect(async () => write(folder)).rejects.toMatchObject({ code: 'export_exists' });
    expect(readdirSync(folder).sort()).toEqual(['export.json', 'old.txt']);
    await write(folder, true);
    expect(readdirSync(folder)).toEqual(['new.txt']);
    expect(readdirSync(home)).toEqual(['mine']);
  });

  it('never a folder with other things in it, a file, or a broken link, forced or not', () => {
    mkdirSync(join(home, 'photos'));
    writeFileSync(join(home, 'photos', 'export.json'), '{"name": "not ours"}');
    writeFileSync(join(home, 'file'), '');
    symlinkSync(join(home, 'nowhere'), join(home, 'link'));
    for (const name of ['photos', 'file', 'link'])
      for (const force of [false, true]) expect(() => checkDestination(join(home, name), force), name).toThrow(refused);
  });

  it('through a link into the folder it names', async () => {
    mkdirSync(join(home, 'real'));
    symlinkSync(join(home, 'real'), join(home, 'link'));
    await write(join(home, 'link'));
    expect(readdirSync(join(home, 'real'))).toEqual(['new.txt']);
  });
});

describe('what a failure leaves', () => {
  const fail = (out: string, force: boolean): Promise<void> =>
    writeAside(checkDestination(out, force), force, async (folder) => {
      writeFileSync(join(folder, 'half.txt'), 'half');
      throw new Error('no parity');
    });

  it('nothing, where nothing was', async () => {
    await expect(fail(join(home, 'out'), false)).rejects.toThrow('no parity');
    expect(readdirSync(home)).toEqual([]);
  });

  it('the export that was there, where one was to be replaced', async () => {
    const folder = exported('mine');
    await expect(fail(folder, true)).rejects.toThrow('no parity');
    expect(readdirSync(folder).sort()).toEqual(['export.json', 'old.txt']);
    expect(readdirSync(home)).toEqual(['mine']);
  });

  it('what somebody else has put there meanwhile', async () => {
    const out = join(home, 'out');
    const race = writeAside(checkDestination(out, false), false, async () => {
      mkdirSync(out);
      writeFileSync(join(out, 'theirs.txt'), 'theirs');
    });
    await expect(race).rejects.toThrow(refused);
    expect(readdirSync(home)).toEqual(['out']);
    expect(existsSync(join(out, 'theirs.txt'))).toBe(true);
  });
});

it('tells an export of ours from anything else', () => {
  expect(isExport(exported('mine'))).toBe(true);
  expect(isExport(home)).toBe(false);
  writeFileSync(join(home, 'export.json'), 'not JSON');
  expect(isExport(home)).toBe(false);
  writeFileSync(join(home, 'export.json'), JSON.stringify({ ...manifest, export_version: 2 }));
  expect(isExport(home)).toBe(false);
});
