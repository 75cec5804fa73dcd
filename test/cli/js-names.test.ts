/**
 * Classes, tags and runs may have names that every JavaScript object has as properties. The built program handles them
 * from import to export.
 */
import { mkdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { engineMissing } from '../support/engine';
import { cliAt, efficienttrain } from '../support/cli';
import { tinyDataset } from '../support/tiny-dataset';
import { temporary } from '../support/training';

const NAMES = ['__proto__', 'constructor', 'hasOwnProperty', 'length', 'toString'];
const home = temporary('js-names');

const { json } = cliAt(home);

interface Imported {
  dataset: { id: string; classes: string[]; counts: Record<string, Record<string, number>> };
}

beforeAll(async () => {
  const [one, two] = [await tinyDataset(temporary('one'), 5, 32), await tinyDataset(temporary('two'), 5, 32)];
  const source = join(home, 'source');
  mkdirSync(source);
  const folders = [one, two].flatMap((from) => ['blue', 'green', 'red'].map((name) => join(from, name)));
  NAMES.forEach((name, index) => renameSync(folders[index] as string, join(source, name)));
});

describe('classes called __proto__, constructor, hasOwnProperty, length and toString', () => {
  it('are imported with numbers, each as an own key', async () => {
    const { dataset } = await json<Imported>('import', join(home, 'source'), '--name', 'constructor', '--yes');
    expect(dataset.classes).toEqual(NAMES);
    for (const [split, each] of [
      ['train', 4],
      ['val', 1],
    ] as const)
      expect(Object.entries(dataset.counts[split] ?? {}).sort(([a], [b]) => (a < b ? -1 : 1))).toEqual(
        NAMES.map((name) => [name, each]),
      );
    const shown = await json<Imported>('datasets', 'show', 'constructor');
    expect(JSON.stringify(shown.dataset.counts)).toBe(JSON.stringify(dataset.counts));
    const text = await efficienttrain(['datasets', 'show', 'constructor'], { home });
    expect(text.stdout).toMatch(/__proto__ +4 +1 +0/);
    expect(text.stdout).not.toMatch(/native code|\[object/);
  });

  it.skipIf(engineMissing !== null)('are trained, evaluated, compared and exported', async () => {
    const args = ['--dataset', 'constructor', '--model', 'deit_micro', '--size', '32', '--epochs', '6', '--batch', '4'];
    const ids: string[] = [];
    for (const name of ['__proto__', 'toString']) {
      const { run } = await json<{ run: { id: string; state: string } }>('train', ...args, '--name', name);
      expect(run.state).toBe('completed');
      ids.push(run.id);
    }
    expect(await json('show', '__proto__')).toMatchObject({ run: { id: ids[0], name: '__proto__' } });
    const measured = await json<{ per_class: { class: string; count: number }[]; count: number }>(
      'evaluate',
      '__proto__',
    );
    expect(measured.per_class.map(({ class: name, count }) => [name, count])).toEqual(NAMES.map((name) => [name, 1]));
    const { runs } = await json<{ runs: { name: string }[] }>('compare', ...ids);
    expect(runs.map(({ name }) => name)).toEqual(['__proto__', 'toString']);
    const out = join(home, 'export');
    await json('export', '__proto__', '--format', 'safetensors', '--out', out);
    const labels = readFileSync(join(out, 'config.json'), 'utf8');
    for (const name of NAMES) expect(labels).toContain(`"${name}"`);
    const { predictions } = await json<{ predictions: { top5: { class: string }[] }[] }>(
      'predict',
      '__proto__',
      join(home, 'source/length/0.png'),
    );
    expect(predictions[0]?.top5.map(({ class: name }) => name).sort()).toEqual(NAMES);
  });
});
