/**
 * The examples of docs/extending.md work as they are printed: each is one file in a copy of the program, and nothing
 * else changes.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { engineMissing } from '../support/engine';
import { temporary } from '../support/training';
import type { Extended } from './extend';

const root = join(import.meta.dirname, '..', '..');
const guide = readFileSync(join(root, 'docs', 'extending.md'), 'utf8');

/**
 * Returns a file of the guide by its path: the block of code after the line that names it. @throws Error where there is
 * none
 */
function example(path: string): string {
  const [, behind] = guide.split(`\n\`${path}\`:\n`);
  const [, code] = behind === undefined ? [] : (/^\n```ts\n(.*?)^```$/ms.exec(behind) ?? []);
  if (code === undefined) throw new Error(`docs/extending.md has no code for ${path}`);
  return code;
}

/** Copies the program with one more file. @returns the copy's folder */
function copyWith(path: string): string {
  const copy = temporary('extending');
  for (const part of [
    'src',
    'package.json',
    'resources/engine.json',
    'resources/engine-cuda.json',
    'test/extending',
    'test/bench/support',
  ])
    cpSync(join(root, part), join(copy, part), { recursive: true, filter: (source) => !source.includes('renderer') });
  symlinkSync(join(root, 'node_modules'), join(copy, 'node_modules'));
  expect(existsSync(join(copy, path))).toBe(false);
  mkdirSync(dirname(join(copy, path)), { recursive: true });
  writeFileSync(join(copy, path), example(path));
  return copy;
}

function extended(copy: string, task: string, model: string): Extended {
  const run = join(copy, 'test', 'bench', 'support', 'run-typescript.mjs');
  const text = JSON.stringify({ task, model, cacheFolder: join(copy, 'graphs') });
  const child = spawnSync(process.execPath, [run, join(copy, 'test', 'extending', 'extend.ts'), text], {
    encoding: 'utf8',
  });
  const line = child.stdout.split('\n').find((candidate) => candidate.startsWith('{"tasks"'));
  if (child.status !== 0 || line === undefined) throw new Error(`${child.stdout}\n${child.stderr}`);
  return JSON.parse(line) as Extended;
}

interface GuideCase {
  what: string;
  path: string;
  task: string;
  model: string;
}

const cases: readonly GuideCase[] = [
  { what: 'task', path: 'src/main/engine/tasks/rotation.ts', task: 'rotation', model: 'resnet_micro' },
  { what: 'model', path: 'src/main/engine/models/plain-conv.ts', task: 'classify', model: 'plain_conv_micro' },
];

describe.each(cases)('a $what in one file', ({ path, task, model }) => {
  let result: Extended;
  beforeAll(() => {
    result = extended(copyWith(path), task, model);
  });

  it('is in the registry', () => {
    expect(result.tasks).toContain(task);
    expect(result.models).toContain(model);
  });

  it('trains at the sizes of a curriculum', () => {
    expect(new Set(result.steps.map(({ bandwidth }) => bandwidth)).size).toBe(2);
    for (const { loss, values } of result.steps) {
      expect(loss).toBeGreaterThan(0);
      expect(loss).toBeLessThan(20);
      expect(values['train/loss']).toBe(loss);
    }
  });

  it.skipIf(engineMissing)('is captured', () => expect(result.captured).toBe(true));

  it('is measured as a run measures it, and has a best step', () => {
    expect(result.recorded['val/images']).toBe(13);
    expect(result.recorded['val/top1']).toBeGreaterThanOrEqual(0);
    expect(result.recorded['val/top1']).toBeLessThanOrEqual(1);
    expect(result.best).toEqual({ metric: 'val/top1', value: result.recorded['val/top1'], step: 2 });
  });
});
