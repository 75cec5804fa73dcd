/** A user's whole path through the built program on a tiny dataset; stderr has only what matters. */
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { isEngineNoise } from '../../src/main/engine/backend/engine-noise';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { efficienttrain, errorOf, type Ended } from '../support/cli';
import { tinyDataset } from '../support/tiny-dataset';

const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-path-'));
const home = join(folder, 'home');
const TRAIN = [
  'train',
  '--dataset',
  'colours',
  '--model',
  'resnet_micro',
  '--size',
  '32',
  '--epochs',
  '3',
  '--batch',
  '8',
];
const FEW = ['--set', 'data.workers=1', '--set', 'engine.intra_op_threads=2'];

/**
 * Runs a command with --json and returns its result. It must exit with 0, and print none of the engine's start-up lines
 * on stderr.
 */
async function done(...args: string[]): Promise<Record<string, unknown>> {
  const ended = await efficienttrain([...args, '--json'], { home });
  expect(ended, args.join(' ')).toMatchObject({ code: 0 });
  expect(quiet(ended)).toEqual([]);
  return JSON.parse(ended.stdout) as Record<string, unknown>;
}
const quiet = ({ stderr }: Ended): string[] =>
  stderr.split('\n').filter((line) => isEngineNoise(line) || /absl|oneDNN|cpu_feature/.test(line));

interface Trained {
  id: string;
  state: string;
  step: number;
  steps: number;
  best: { value: number };
}
const trained = async (...more: string[]): Promise<Trained> =>
  (await done(...TRAIN, ...FEW, ...more))['run'] as Trained;

/** Returns the shape of a .npy file. */
const shapeOf = (path: string): number[] =>
  (/'shape': \(([^)]*)\)/.exec(readFileSync(path, 'latin1').slice(0, 200))?.[1] ?? '')
    .split(',')
    .filter((part) => part.trim())
    .map(Number);

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('import, train, look, evaluate, predict, export, compare', () => {
  let picture: string;
  let first: Trained;
  let second: Trained;
  beforeAll(async () => {
    const source = await tinyDataset(join(folder, 'colours'));
    picture = join(source, 'red', '3.png');
    const { dataset } = await done('import', source, '--yes');
    expect(dataset).toMatchObject({ name: 'colours', classes: ['blue', 'green', 'red'] });
    first = await trained('--name', 'first');
    second = await trained('--name', 'second', '--preset', 'constant');
  });

  it('train completes, and show and metrics agree about it', async () => {
    expect(first).toMatchObject({ state: 'completed', step: first.steps });
    const { run } = (await done('show', 'first')) as {
      run: Trained & { checkpoints: unknown[]; bottleneck: unknown; evaluation: { confusion: number[][] } };
    };
    expect(run).toMatchObject({ id: first.id, state: 'completed', best: first.best });
    expect(run.checkpoints.length).toBeGreaterThan(0);
    expect(run.evaluation.confusion).toHaveLength(3);
    expect(run.bottleneck).toMatchObject({ by: expect.stringMatching(/^(device|loader)$/) as string });
    const said = await efficienttrain(['show', 'first'], { home });
    expect(said.stdout).toMatch(/(Device|Loader)-bound: .*\d %.* images\./);
    expect(said.stdout).toContain('products in float32');
    const { series } = (await done('metrics', first.id, '--series', 'train/loss', '--series', 'val/top1')) as {
      series: Record<string, [number, number][]>;
    };
    expect(series['train/loss']).toHaveLength(first.steps);
    expect(Math.max(...(series['val/top1'] ?? []).map(([, value]) => value))).toBe(first.best.value);
  });

  it('a batch taken in parts trains as the whole, and its checkpoints are as large', async () => {
    const lossesOf = async (parts: number): Promise<[number[], number]> => {
      const deit = [...TRAIN, ...FEW, '--model', 'deit_micro', '--set', `optimizer.grad_accum_steps=${parts}`];
      const { id } = (await done(...deit))['run'] as Trained;
      const { series } = (await done('metrics', id)) as { series: Record<string, [number, number][]> };
      const { run } = (await done('show', id)) as { run: { checkpoints: { bytes: number }[] } };
      return [(series['train/loss'] ?? []).map(([, value]) => value), run.checkpoints.at(-1)?.bytes ?? 0];
    };
    const [[whole, bytes], [inParts, bytesInParts]] = [await lossesOf(1), await lossesOf(4)];
    expect(bytesInParts).toBe(bytes);
    expect(inParts).toHaveLength(whole.length);
    inParts.slice(0, 3).forEach((loss, step) => expect(loss / whole[step]!).toBeCloseTo(1, 3));
    const refused = await efficienttrain([...TRAIN, '--set', 'optimizer.grad_accum_steps=3', '--json'], { home });
    expect([refused.code, errorOf(refused).code]).toEqual([2, 'invalid_stage']);
    expect(errorOf(refused).why).toContain('the nearest that can is 6');
  });

  it('train --dry-run and doctor', async () => {
    const { plan } = (await done(...TRAIN, ...FEW, '--dry-run')) as {
      plan: { totals: { steps: number; hours: number } };
    };
    expect(plan.totals.steps).toBe(first.steps);
    expect(plan.totals.hours).toBeGreaterThan(0);
    const { checks } = (await done('doctor')) as { checks: { id: string }[] };
    expect(checks.map(({ id }) => id)).toContain('engine');
  });

  it('evaluate finds the best accuracy again, and dumps what it saw', async () => {
    const dump = join(folder, 'dump');
    const result = (await done('evaluate', 'first', '--weights', 'raw', '--dump', dump)) as {
      top1: number;
      count: number;
    };
    expect(result.top1).toBe(first.best.value);
    expect(readdirSync(dump).sort()).toEqual(['files.txt', 'inputs.npy', 'labels.npy', 'logits.npy']);
    expect(shapeOf(join(dump, 'inputs.npy'))).toEqual([result.count, 3, 32, 32]);
    expect(shapeOf(join(dump, 'logits.npy'))).toEqual([result.count, 3]);
    expect(shapeOf(join(dump, 'labels.npy'))).toEqual([result.count]);
    expect(readFileSync(join(dump, 'files.txt'), 'utf8').trim().split('\n')).toHaveLength(result.count);
  });

  it('weights that do not fit are refused with their names before there is a run; those that do are taken', async () => {
    const before = (await done('runs'))['runs'];
    const out = join(folder, 'weights');
    await done('export', 'first', '--out', out);
    const other = await efficienttrain(
      [
        'train',
        '--dataset',
        'colours',
        '--model',
        'deit_micro',
        '--size',
        '32',
        '--init',
        join(out, 'model.safetensors'),
        '--json',
      ],
      { home },
    );
    expect([other.code, errorOf(other).code]).toEqual([1, 'weights_mismatch']);
    expect(errorOf(other).why).toMatch(
      /^It holds resnet_micro, not deit_micro: 0 of .*cls_token is missing;.* and \d+ more\.$/,
    );
    const file = ['evaluate', join(out, 'model.safetensors'), '--dataset', 'colours', '--model', 'resnet_micro'];
    const odd = errorOf(await efficienttrain([...file, '--size', '33', '--json'], { home }));
    expect([odd.code, odd.next]).toEqual(['invalid_config', 'Choose a size of 32 or 40 px.']);
    const text = await efficienttrain([...TRAIN, '--init', picture, '--json'], { home });
    expect(text.code).toBe(1);
    expect((await done('runs'))['runs']).toEqual(before);
    await trained('--init', join(out, 'model.safetensors'), '--name', 'third');
    const { run } = (await done('show', 'third')) as { run: { events: { message: string }[] } };
    expect(run.events.map(({ message }) => message)).toContainEqual(
      expect.stringMatching(/^Started from .*: \d+ parameters\.$/),
    );
  });

  it('a run that fails says why once, in three sentences', async () => {
    const ended = await efficienttrain(
      [
        ...TRAIN,
        ...FEW,
        '--set',
        'optimizer.name=sgd',
        '--set',
        'optimizer.base_lr=1e30',
        '--set',
        'optimizer.weight_decay=0',
      ],
      { home },
    );
    expect(ended.code).toBe(1);
    const said = ended.stderr.split('\n')[0] ?? '';
    expect(said).toMatch(/ at step \d+\.$| after step \d+: /);
    expect((ended.stdout + ended.stderr).split(said)).toHaveLength(2);
    expect(ended.stderr).toMatch(/\n {2}why: .*\n {2}next: /);
  });

  it('a folder of the name of a run does not hide the run', async () => {
    mkdirSync(join(folder, 'cwd', 'first'), { recursive: true });
    const ended = await efficienttrain(['evaluate', 'first', '--json'], { home, cwd: join(folder, 'cwd') });
    expect(ended.code).toBe(0);
  });

  it('a dump that can not be written is said, and the command ends', async () => {
    const ended = await efficienttrain(['evaluate', 'first', '--dump', picture, '--json'], { home });
    expect([ended.code, errorOf(ended).code]).toEqual([1, 'io']);
  });

  it('predict gives every class a probability', async () => {
    const { predictions } = (await done('predict', first.id, picture)) as {
      predictions: { top5: { class: string; probability: number }[] }[];
    };
    const top = predictions[0]?.top5 ?? [];
    expect(top.map((entry) => entry.class).sort()).toEqual(['blue', 'green', 'red']);
    expect(top.reduce((sum, { probability }) => sum + probability, 0)).toBeCloseTo(1, 4);
  });

  it('predict answers for the good images where one is bad, and ends with 1', async () => {
    const bad = join(folder, 'called.jpg');
    writeFileSync(bad, '<!DOCTYPE html><html>403</html>');
    const args = ['predict', first.id, bad, picture, join(folder, 'nothing.jpg')];
    const ended = await efficienttrain([...args, '--json'], { home });
    const { predictions } = JSON.parse(ended.stdout) as { predictions: { top5: unknown[]; problem: string | null }[] };
    expect(ended.code).toBe(1);
    expect(predictions.map(({ top5 }) => top5.length)).toEqual([0, 3, 0]);
    expect(predictions.map(({ problem }) => problem)).toEqual([
      expect.stringContaining('refuses.'),
      null,
      expect.stringContaining("can't be read"),
    ]);
    const words = await efficienttrain(args, { home });
    expect(words.stdout).toContain('it is a web page');
    expect(words.stdout).toContain('red');
  });

  it.each(['safetensors', 'savedmodel'])('export as %s', async (format) => {
    const out = join(folder, `out-${format}`);
    const exported = (await done('export', 'first', '--format', format, '--out', out)) as {
      parity: { max_abs_diff: number; images: number };
    };
    expect(exported.parity.max_abs_diff).toBeLessThan(1e-4);
    expect(exported.parity.images).toBeGreaterThan(0);
    expect(readdirSync(out)).toContain('README.md');
    expect(readdirSync(folder).filter((name) => name.includes('.part-'))).toEqual([]);
  });

  it('compare sets the curriculum against the constant schedule', async () => {
    const compared = (await done('compare', 'second', 'first')) as {
      baseline: string;
      config_differences: Record<string, unknown>;
      metrics: Record<string, Record<string, unknown>>;
    };
    expect(compared.baseline).toBe(second.id);
    expect(Object.keys(compared.config_differences)).toContain('schedule.preset');
    expect(Object.keys(compared.metrics['val/top1'] ?? {}).sort()).toEqual([first.id, second.id].sort());
  });

  it('predict in words is as quiet, and an error is still said', async () => {
    const words = await efficienttrain(['predict', 'first', picture], { home });
    expect([words.code, words.stderr]).toEqual([0, '']);
    expect(words.stdout).toContain('red');
    const missing = await efficienttrain(['predict', 'first', join(folder, 'nothing.jpg'), '--json'], { home });
    expect([missing.code, errorOf(missing).code]).toEqual([1, 'bad_image']);
  });

  it('an engine that can not be loaded is said, with what the system says of it', async () => {
    const ended = await efficienttrain(['doctor'], { home, env: { EFFICIENTTRAIN_ENGINE: join(folder, 'no-engine') } });
    expect([ended.code, ended.stderr]).toEqual([1, '']);
    expect(ended.stdout).toContain('no-engine');
  });

  it('a crash inside the library keeps its last words, and gets three sentences', async () => {
    const crash = join(folder, 'crash.cjs');
    const words = 'F0000 00:00:1795537021.113369 1 tensor.cc:10] Check failed: planted';
    writeFileSync(
      crash,
      `if (process.send) { require('node:fs').writeSync(2, ${JSON.stringify(`${words}\n`)}); process.kill(process.pid, 'SIGSEGV'); }`,
    );
    const ended = await efficienttrain(['predict', 'first', picture, '--json'], {
      home,
      env: { NODE_OPTIONS: `--require ${crash}` },
    });
    expect([ended.code, errorOf(ended)]).toEqual([
      1,
      expect.objectContaining({ code: 'engine_failed', what: expect.stringContaining('SIGSEGV') as string }),
    ]);
    expect(ended.stderr).toContain(words);
  });

  it('Ctrl-C ends an export with 130 and nothing left', async () => {
    let pressed = false;
    const ended = await efficienttrain(['export', 'first', '--out', join(folder, 'stopped'), '--json'], {
      home,
      onOutput: (text, kill) => {
        if (!pressed && text.includes('Checking')) kill('SIGINT');
        pressed ||= text.includes('Checking');
      },
    });
    expect([ended.code, errorOf(ended).code]).toEqual([130, 'interrupted']);
    expect(readdirSync(folder).filter((name) => name.includes('stopped'))).toEqual([]);
  });

  it('who asks for the lines of TensorFlow gets them', async () => {
    const ended = await efficienttrain(['predict', 'first', picture], { home, env: { TF_CPP_MIN_LOG_LEVEL: '0' } });
    expect(ended.code).toBe(0);
    expect(quiet(ended)).not.toEqual([]);
  });
});
