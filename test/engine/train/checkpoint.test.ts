import {
  appendFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeEach, describe, expect, it } from 'vitest';
import {
  checkpointsFolder,
  listCheckpoints,
  loadCheckpointState,
  newestCheckpoint,
  pruneCheckpoints,
  writeCheckpoint,
  type Best,
  type Checkpoint,
} from '../../../src/main/engine/train/checkpoint';

let run: string;
beforeEach(() => {
  run = mkdtempSync(join(tmpdir(), 'checkpoints-'));
});

const state = (value: number): Record<string, Float32Array> => ({ w: Float32Array.of(value, 2), 'w/m': new Float32Array(3) });
const save = (step: number, best: Best | null = null): Checkpoint =>
  writeCheckpoint(run, state(step), { step, equivalent_epochs: step / 10, best, wall_seconds: step, intra_op_threads: 2 });

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
