/** The program on a terminal: the question of an import, the live line of a run, and Ctrl-C pressed once and twice. */
import { existsSync, mkdtempSync, readdirSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { traceOf } from '../../src/main/store/ownership';
import { findRun } from '../../src/main/store/runs';
import { efficienttrain } from '../support/cli';
import { CTRL_C, CTRL_D, onTerminal, python } from '../support/terminal';
import { tinyDataset } from '../support/tiny-dataset';

const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-terminal-'));
let source: string;
beforeAll(async () => {
  source = await tinyDataset(join(folder, 'colours'));
});

const json = async (home: string, ...args: string[]): Promise<Record<string, never>> =>
  JSON.parse((await efficienttrain([...args, '--json'], { home })).stdout) as Record<string, never>;

describe.skipIf(!python)('the question before a commit', () => {
  const answered = async (
    name: string,
    send: string,
  ): Promise<{ code: number | null; datasets: number; left: string[] }> => {
    const home = join(folder, `home-${name}`);
    const { code, output } = await onTerminal(['import', source], { home, steps: [{ after: '[y/N]', send }] });
    expect(output).toContain('60 images, 3 classes');
    const { datasets } = (await json(home, 'datasets')) as unknown as { datasets: unknown[] };
    return { code, datasets: datasets.length, left: readdirSync(join(home, 'tmp')) };
  };

  it.each([
    ['y', 'y\r', 0, 1],
    ['n', 'n\r', 0, 0],
    ['end', CTRL_D, 0, 0],
    ['ctrl-c', CTRL_C, 130, 0],
  ])('%s', async (name, send, code, datasets) => {
    expect(await answered(name, send)).toEqual({ code, datasets, left: [] });
  });
});

describe.skipIf(!python || locateEngine().kind === 'tfjs-cpu')('train', () => {
  const home = join(folder, 'home-train');
  const TRAIN = [
    'train',
    '--dataset',
    'colours',
    '--model',
    'resnet_micro',
    '--size',
    '32',
    '--epochs',
    '2000',
    '--batch',
    '8',
  ];
  const FEW = ['--set', 'data.workers=1', '--set', 'engine.intra_op_threads=1', '--set', 'eval.every=2000'];
  /** Ctrl-C is pressed a few steps into the run. */
  const LEARNS = 'img/s';
  interface Shown {
    state: string;
    step: number;
    checkpoints: { step: number }[];
  }
  const shown = async (name: string): Promise<Shown> => (await json(home, 'show', name))['run'] as unknown as Shown;

  const trainerOf = (name: string): number => {
    const store = openStore(databasePath(home), { readonly: true });
    try {
      return traceOf(store, findRun(store, name).id)?.pid as number;
    } finally {
      store.close();
    }
  };

  beforeAll(() => efficienttrain(['import', source, '--yes'], { home }));

  it('a live line; Ctrl-C once saves a checkpoint, stops, and ends with 130', async () => {
    const { code, output } = await onTerminal([...TRAIN, ...FEW, '--name', 'once'], {
      home,
      entry: 'bin/efficienttrain.mjs',
      steps: [{ after: LEARNS, send: CTRL_C }],
    });
    expect(code).toBe(130);
    const lines = output.split('\r\u001b[2K').slice(1);
    expect(lines.length).toBeGreaterThan(2);
    expect(Math.max(...lines.map((line) => (line.split('\r')[0] as string).length))).toBeLessThan(101);
    expect(lines.find((line) => line.includes(LEARNS))).toMatch(
      /^stage 1\/10 B 16 m 0 · 0 % of compute · step \d+\/\d+ · loss [\d.]+ · /,
    );
    expect(output).toContain('Stopping: the step is finished and a checkpoint saved.');
    const run = await shown('once');
    expect(run.state).toBe('stopped');
    expect(run.checkpoints.at(-1)?.step).toBe(run.step);
    expect(run.step).toBeGreaterThan(0);
  });

  it('Ctrl-C twice ends at once, the trainer too, without a checkpoint', async () => {
    const { code, output } = await onTerminal([...TRAIN, ...FEW, '--name', 'twice'], {
      home,
      entry: 'bin/efficienttrain.mjs',
      steps: [
        // The trainer is halted in a step, because a step and a checkpoint can be faster than two key presses.
        { after: LEARNS, send: CTRL_C, first: () => process.kill(trainerOf('twice'), 'SIGSTOP') },
        { after: 'Stopping', send: CTRL_C, delay: 0.2 },
      ],
    });
    expect(code).toBe(130);
    expect(output).not.toContain('Next: efficienttrain resume');
    // The system takes a moment to end such a large process. Only then is the run interrupted.
    await expect.poll(async () => (await shown('twice')).state, { timeout: 20_000 }).toBe('interrupted');
    const run = await shown('twice');
    expect(run.checkpoints).toEqual([]);
    const { id } = run as unknown as { id: string };
    expect(existsSync(join(home, 'runs', id, 'trainer.log'))).toBe(true);
  });
});
