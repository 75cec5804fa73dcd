/** A disk that stays full while a run trains: a small file system of its own, which needs root and mount. */
import { spawnSync } from 'node:child_process';
import { mkdirSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { newestCheckpoint, checkpointsFolder } from '../../src/main/engine/train/checkpoint';
import { runFolder } from '../../src/main/base/home';
import { engineMissing } from '../support/engine';
import { tinyDataset } from '../support/tiny-dataset';
import { importFolder, look, newRun, temporary, train } from '../support/training';

const disk = join(temporary('full-disk'), 'disk');
mkdirSync(disk);
const mount = (...options: string[]): boolean => spawnSync('mount', [...options, 'tmpfs', disk]).status === 0;
const mounted = process.platform === 'linux' && mount('-t', 'tmpfs', '-o', 'size=24m');
if (!mounted) console.log('skipped: no file system can be mounted here');
afterAll(() => void (mounted && spawnSync('umount', ['-l', disk])));

describe.skipIf(!mounted || engineMissing)('a disk that stays full', () => {
  it('ends the run at its next checkpoint, keeps the earlier one, and the run resumes once there is room', async () => {
    const home = join(disk, 'home');
    const dataset = await importFolder(home, await tinyDataset(temporary('full-disk-data'), 10));
    // A checkpoint takes eleven megabytes, so the second has no room beside the first and the graph.
    const set = ['checkpoint.every_seconds=0', 'checkpoint.keep_last=20'];
    const run = newRun(home, dataset, { epochs: 6, preset: 'constant', set });
    expect((await train(home, run).ended).code).toBe(1);
    const { run: failed, series } = look(home, run.id);
    expect(failed.state).toBe('failed');
    expect(failed.error).toMatchObject({
      code: 'disk_full',
      next: 'The earlier checkpoints are kept. Free some space, then resume the run.',
    });
    expect(failed.step).toBeGreaterThan(0);
    expect(series['train/loss']).toHaveLength(failed.step);
    const folder = runFolder(home, run.id);
    const { checkpoint } = await newestCheckpoint(folder);
    expect(checkpoint?.info.step).toBeGreaterThan(0);
    expect(readdirSync(checkpointsFolder(folder)).filter((name) => name.startsWith('.'))).toEqual([]);

    expect(mount('-o', 'remount,size=600m')).toBe(true);
    expect((await train(home, run).ended).code).toBe(0);
    const { run: done, series: whole } = look(home, run.id);
    expect(done).toMatchObject({ state: 'completed', step: run.steps, error: null });
    expect(whole['train/loss']?.map(({ step }) => step)).toEqual(Array.from({ length: run.steps }, (_, at) => at + 1));
  });
});
