import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import { checkDestination, writeAside } from '../../src/main/engine/export/destination';
import { describeFiles } from '../../src/main/engine/export/foreign-files';
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
  writeFileSync(join(folder, 'old.txt'), 'old');
  writeManifest(folder, { ...manifest, files: describeFiles(folder) });
  return folder;
}

const refused = expect.objectContaining({ code: 'io' }) as Error;
const write = async (out: string, force = false, name = 'new.txt'): Promise<string[]> => {
  const destination = checkDestination(out, force);
  const { kept } = await writeAside(destination, force, async (folder) => {
    mkdirSync(join(folder, name, '..'), { recursive: true });
    writeFileSync(join(folder, name), 'new');
  });
  return kept;
};

describe('where an export may go', () => {
  it('a new folder, at any depth, and an empty one', async () => {
    await write(join(home, 'deep', 'er'));
    expect(readdirSync(join(home, 'deep', 'er'))).toEqual(['new.txt']);
    mkdirSync(join(home, 'empty'));
    await write(join(home, 'empty'));
    expect(readFileSync(join(home, 'empty', 'new.txt'), 'utf8')).toBe('new');
  });

  it('an export of ours only by force, and then nothing of it is left', async () => {
    const folder = exported('mine');
    await expect(async () => write(folder)).rejects.toMatchObject({ code: 'export_exists' });
    expect(readdirSync(folder).sort()).toEqual(['export.json', 'old.txt']);
    expect(await write(folder, true)).toEqual([]);
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

describe('what no export wrote', () => {
  it('stays where an export is replaced, at any depth, links and empty folders too, and is said', async () => {
    const folder = exported('mine');
    mkdirSync(join(folder, 'notes', 'empty'), { recursive: true });
    writeFileSync(join(folder, 'notes', 'thesis.tex'), 'mine');
    symlinkSync('/etc/hostname', join(folder, 'link'));
    expect(await write(folder, true)).toEqual(['link', 'notes/empty', 'notes/thesis.tex']);
    expect(readdirSync(folder).sort()).toEqual(['link', 'new.txt', 'notes']);
    expect(readFileSync(join(folder, 'notes', 'thesis.tex'), 'utf8')).toBe('mine');
    expect(readlinkSync(join(folder, 'link'))).toBe('/etc/hostname');
    expect(readdirSync(join(folder, 'notes', 'empty'))).toEqual([]);
    expect(readdirSync(home)).toEqual(['mine']);
  });

  it('is never replaced by a file of the new one', async () => {
    const folder = exported('mine');
    writeFileSync(join(folder, 'new.txt'), 'mine');
    await expect(write(folder, true)).rejects.toThrow(refused);
    expect(readFileSync(join(folder, 'new.txt'), 'utf8')).toBe('mine');
    expect(readdirSync(folder).sort()).toEqual(['export.json', 'new.txt', 'old.txt']);
    renameSync(join(folder, 'new.txt'), join(folder, 'sub'));
    await expect(write(folder, true, 'sub/new.txt')).rejects.toThrow(refused);
    expect(readFileSync(join(folder, 'sub'), 'utf8')).toBe('mine');
    expect(readdirSync(home)).toEqual(['mine']);
  });

  it('is a file of an export, too, once somebody has changed it', async () => {
    const folder = exported('mine');
    writeFileSync(join(folder, 'old.txt'), 'new');
    await expect(write(folder, true)).rejects.toMatchObject({ why: expect.stringContaining('old.txt') as string });
    expect(readFileSync(join(folder, 'old.txt'), 'utf8')).toBe('new');
  });

  it('can not be told for an export of an earlier version: all stays but what is written anew', async () => {
    const folder = exported('mine');
    writeManifest(folder, manifest);
    writeFileSync(join(folder, 'new.txt'), 'before');
    expect(await write(folder, true)).toEqual(['old.txt']);
    expect(readFileSync(join(folder, 'new.txt'), 'utf8')).toBe('new');
  });
});

describe('within a folder that was picked', () => {
  it('nothing else is written: neither by the name nor by a link of that name', async () => {
    const [picked, outside] = [join(home, 'picked'), exported('outside')];
    mkdirSync(join(picked, 'inner'), { recursive: true });
    symlinkSync(outside, join(picked, 'link'));
    symlinkSync(join('..', 'outside'), join(picked, 'relative'));
    symlinkSync('.', join(picked, 'self'));
    symlinkSync('..', join(picked, 'up'));
    mkdirSync(join(home, 'picked-too'));
    symlinkSync(join(home, 'picked-too'), join(picked, 'sibling'));
    for (const name of ['..', '.', '../outside', 'inner/x', '/etc', 'link', 'relative', 'self', 'up', 'sibling'])
      for (const force of [false, true])
        expect(() => checkDestination(resolve(picked, name), force, picked), name).toThrow(refused);
    expect(readFileSync(join(outside, 'old.txt'), 'utf8')).toBe('old');
    expect(checkDestination(join(picked, 'new'), false, picked)).toBe(join(picked, 'new'));
    symlinkSync('inner', join(picked, 'to-inner'));
    expect(checkDestination(join(picked, 'to-inner'), false, picked)).toBe(join(picked, 'inner'));
  });
});

describe('what a failure leaves', () => {
  const fail = (out: string, force: boolean): Promise<unknown> =>
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
