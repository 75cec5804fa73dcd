import { describe, expect, it } from 'vitest';
import { attentionOf } from '../../../src/renderer/views/home/attention';
import type { DatasetInfo } from '../../../src/shared/contract/datasets';
import type { Machine } from '../../../src/shared/contract/machine';
import type { RunSummary } from '../../../src/shared/contract/runs';
import { LITTLE_DISK } from '../../../src/shared/little-disk';

const run = (id: string, fields: Partial<RunSummary>): RunSummary =>
  ({ id, state: 'completed', archived: false, trashed: null, ...fields }) as RunSummary;
const dataset = (id: string, present: boolean): DatasetInfo => ({ id, present }) as DatasetInfo;
const machine = (fields: Partial<Machine>): Machine =>
  ({ engine: 'libtensorflow', free_disk: 1e12, ...fields }) as Machine;
const keys = (...args: Parameters<typeof attentionOf>): string[] =>
  attentionOf(...args).map(({ kind, key }) => `${kind} ${key}`);

describe('what needs the user', () => {
  it('is nothing where all is well, and before anything is known', () => {
    expect(keys({ runs: [run('a', {})], datasets: [dataset('d', true)], machine: machine({}) })).toEqual([]);
    expect(keys({ runs: [], datasets: [], machine: null })).toEqual([]);
  });

  it('is what stops everything first, then datasets, then interrupted and failed runs', () => {
    const runs = [run('f', { state: 'failed' }), run('i', { state: 'interrupted' }), run('r', { state: 'running' })];
    const datasets = [dataset('here', true), dataset('gone', false)];
    expect(keys({ runs, datasets, machine: machine({ engine: 'tfjs-cpu', free_disk: LITTLE_DISK - 1 }) })).toEqual([
      'disk disk',
      'engine engine',
      'moved gone',
      'interrupted i',
      'failed f',
    ]);
  });

  it('is not what was put aside', () => {
    const runs = [
      run('a', { state: 'failed', archived: true }),
      run('t', { state: 'interrupted', trashed: '2026-01-01' }),
    ];
    expect(keys({ runs, datasets: [], machine: machine({ free_disk: LITTLE_DISK }) })).toEqual([]);
  });
});
