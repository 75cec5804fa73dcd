import {
  appendFileSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Best } from '../../../src/shared/contract/common';
import {
  checkpointsFolder,
  listCheckpoints,
  loadCheckpointState,
  newestCheckpoint,
  writeCheckpoint,
  type Checkpoint,
} from '../../../src/main/engine/train/checkpoint';
import { bestCheckpoint, remainingBest } from '../../../src/main/engine/train/best-checkpoint';
import { pruneCheckpoints } from '../../../src/main/engine/train/prune-checkpoints';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});

const state = (value: number): Record<string, Float32Array> => ({
  w: Float32Array.of(value, 2),
  'w/m': new Float32Array(3),
});
const save = (step: number, best: Best | null = null): Checkpoint =>
  writeCheckpoint(run, state(step), {
    step,
    equivalent_epochs: step / 10,
    best,
    wall_seconds: step,
    intra_op_threads: 2,
  });

describe('checkpoints', () => {
  it('come back as they were written', async () => {
    save(7, { metric: 'val/top1', value: 0.5, step: 7 });
    const { checkpoint, skipped } = await newestCheckpoint(run);
    expect(skipped).toEqual([]);
    expect(checkpoint?.info).toMatchObject({ step: 7, wall_seconds: 7, best: { value: 0.5 } });
    expect(loadCheckpointState(checkpoint!)).toEqual(state(7));
  });

  it.each([
    ['cut', (folder: string) => truncateSync(join(folder, 'state.safetensors'), 40), /bytes/],
    ['a flipped bit', (folder: string) => flip(join(folder, 'state.safetensors')), /checksum/],
    ['longer', (folder: string) => appendFileSync(join(folder, 'state.safetensors'), 'x'), /bytes/],
    ['without its description', (folder: string) => rmSync(join(folder, 'checkpoint.json')), /not complete/],
    ['with half a description', (folder: string) => truncateSync(join(folder, 'checkpoint.json'), 20), /not JSON/],
    ['empty', (folder: string) => readdirSync(folder).forEach((name) => rmSync(join(folder, name))), /not complete/],
  ])('the newest one is %s: the one before is found, and why is said', async (_, damage, why) => {
    save(1);
    damage(save(2).folder);
    const { checkpoint, skipped } = await newestCheckpoint(run);
    expect(checkpoint?.info.step).toBe(1);
    expect(skipped.map((error) => error.why).join()).toMatch(why);
  });

  it('what a cut write has left is no checkpoint, and goes at the next pruning', async () => {
    const first = save(1);
    mkdirSync(join(checkpointsFolder(run), '.step_0000000002.part'));
    writeFileSync(join(checkpointsFolder(run), '.step_0000000002.part', 'state.safetensors'), 'half');
    expect((await newestCheckpoint(run)).checkpoint?.info.step).toBe(1);
    pruneCheckpoints(run, first, 2);
    expect(readdirSync(checkpointsFolder(run))).toEqual(['step_0000000001']);
  });

  it('the last K and the best are kept', () => {
    const best = { metric: 'val/top1', value: 0.9, step: 2 };
    for (const step of [1, 2, 3, 4]) save(step, step >= 2 ? best : null);
    const removed = pruneCheckpoints(run, save(5, best), 2);
    expect(listCheckpoints(run).map(({ step }) => step)).toEqual([5, 4, 2]);
    expect(removed.every((folder) => !existsSync(folder))).toBe(true);
  });

  it('saved again replaces the one of its step', async () => {
    save(1);
    save(2);
    save(2, { metric: 'val/top1', value: 0.9, step: 2 });
    expect(readdirSync(checkpointsFolder(run))).toEqual(['step_0000000001', 'step_0000000002']);
    expect((await newestCheckpoint(run)).checkpoint?.info.best?.value).toBe(0.9);
  });

  it('moved away by a save that was cut short is still the newest one, and is kept or goes like any other', async () => {
    save(1);
    const { folder } = save(2);
    renameSync(folder, `${folder}.old`);
    const { checkpoint, skipped } = await newestCheckpoint(run);
    expect([checkpoint?.info.step, skipped]).toEqual([2, []]);
    expect(pruneCheckpoints(run, save(3), 2)).toEqual([join(checkpointsFolder(run), 'step_0000000001')]);
    expect((await newestCheckpoint(run)).checkpoint?.info.step).toBe(3);
    expect(listCheckpoints(run).map(({ step }) => step)).toEqual([3, 2]);
    expect(pruneCheckpoints(run, save(4), 2)).toEqual([folder]);
    expect(existsSync(`${folder}.old`)).toBe(false);
  });

  it('in place is before the one that was moved away for it, which helps where it is damaged', async () => {
    const { folder } = save(2);
    cpSync(folder, `${folder}.old`, { recursive: true });
    expect((await newestCheckpoint(run)).checkpoint?.folder).toBe(folder);
    truncateSync(join(folder, 'state.safetensors'), 40);
    expect((await newestCheckpoint(run)).checkpoint).toMatchObject({ folder: `${folder}.old`, info: { step: 2 } });
    save(3);
    expect(pruneCheckpoints(run, save(4), 3)).toEqual([]);
    expect(readdirSync(checkpointsFolder(run))).toEqual([2, 3, 4].map((step) => `step_000000000${step}`));
  });

  it('a state that is not finite is refused, and nothing is written', () => {
    save(1);
    expect(() =>
      writeCheckpoint(
        run,
        { w: Float32Array.of(1, NaN) },
        { step: 2, equivalent_epochs: 0, best: null, wall_seconds: 0, intra_op_threads: 1 },
      ),
    ).toThrow(expect.objectContaining({ code: 'non_finite', message: expect.stringContaining('w holds NaN') }));
    expect(readdirSync(checkpointsFolder(run))).toEqual(['step_0000000001']);
  });
});

function flip(path: string): void {
  const bytes = readFileSync(path);
  bytes[bytes.length - 3] = (bytes[bytes.length - 3] ?? 0) ^ 1;
  writeFileSync(path, bytes);
}

describe('the best checkpoint', () => {
  const best = (step: number, value: number): Best => ({ metric: 'val/top1', value, step });
  const damage = ({ folder }: Checkpoint): void => truncateSync(join(folder, 'state.safetensors'), 40);
  const chosen = async (): Promise<{ step: number; instead: string | undefined; resumed: Best | null }> => {
    const newest = (await newestCheckpoint(run)).checkpoint as Checkpoint;
    const { checkpoint, instead } = await bestCheckpoint(run, newest);
    return { step: checkpoint.info.step, instead: instead?.message, resumed: await remainingBest(run, newest) };
  };

  it('is the one that the newest names', async () => {
    save(1, best(1, 0.5));
    save(2, best(1, 0.5));
    expect(await chosen()).toEqual({ step: 1, instead: undefined, resumed: best(1, 0.5) });
    save(3, best(3, 0.6));
    expect(await chosen()).toEqual({ step: 3, instead: undefined, resumed: best(3, 0.6) });
  });

  it('is the best of those that are left, and that is said, where a damaged newest one had taken the place of the one named', async () => {
    save(1, best(1, 0.3));
    save(2, best(2, 0.5));
    save(3, best(2, 0.5));
    const newest = save(4, best(4, 0.6));
    pruneCheckpoints(run, newest, 2);
    damage(newest);
    // Step 3 names step 2 as its best, but step 2 was pruned for step 4.
    expect(await chosen()).toEqual({
      step: 3,
      instead: expect.stringMatching(/step 2, .* step 3 is taken/) as string,
      resumed: null,
    });
    save(1, best(1, 0.3));
    expect(await chosen()).toMatchObject({ step: 1, resumed: best(1, 0.3) });
  });

  it('that is damaged itself is replaced by the best that is whole', async () => {
    save(1, best(1, 0.3));
    const broken = save(2, best(2, 0.5));
    save(3, best(2, 0.5));
    damage(broken);
    expect(await chosen()).toEqual({
      step: 1,
      instead: expect.stringContaining('step 2') as string,
      resumed: best(1, 0.3),
    });
  });

  it('is none of an evaluation without a figure', async () => {
    save(1, { ...best(1, 0), value: null as unknown as number });
    expect(await chosen()).toEqual({ step: 1, instead: undefined, resumed: null });
  });
});
