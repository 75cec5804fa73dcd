import { describe, expect, it } from 'vitest';
import { latticeOf, marginOf, shareOf } from '../../../src/renderer/views/search/lattice';
import { candidatesOf, FIRST_FIELDS, requestOf } from '../../../src/renderer/views/search/search-form';
import type { SearchDetails, SearchTrial } from '../../../src/shared/contract/searches';

const trial = (stage: number, bandwidth: number, more: Partial<SearchTrial> = {}): SearchTrial => ({
  ...{ id: `${stage}-${bandwidth}`, run: 'r', finetune_run: null, stage, bandwidth, steps: 10 },
  ...{ top1: 0.5, n: 100, seeds: 1, cost: 2, state: 'completed', ...more },
});

function details(algorithm: 1 | 2, decided: number, trials: SearchTrial[], chosen: number[] | null): SearchDetails {
  const search = { state: 'running', algorithm, trials, chosen };
  const progress = { decided, spent: 3, to_come: 9 };
  return { search, spec: { algorithm, stages: 3, candidates: [16, 24, 32] }, progress } as unknown as SearchDetails;
}

const states = (of: SearchDetails): string[][] => latticeOf(of).rows.map((row) => row.map(({ state }) => state));

describe('the lattice of a search', () => {
  it('has the largest bandwidth on top, and what was decided without a trial left out', () => {
    const trials = [trial(0, 16), trial(0, 24), trial(0, 32), trial(1, 24, { state: 'running', top1: null })];
    const found = details(2, 1, trials, [24, 32, 32]);
    expect(latticeOf(found).bandwidths).toEqual([32, 24, 16]);
    expect(states(found)).toEqual([
      ['tried', 'open', 'open'],
      ['tried', 'running', 'open'],
      ['tried', 'open', 'open'],
    ]);
    expect(latticeOf(found).rows.map((row) => row.map(({ chosen }) => chosen))).toEqual([
      [false, true, true],
      [true, false, false],
      [false, false, false],
    ]);
  });

  it('is decided from the last stage backwards by algorithm 1', () => {
    expect(states(details(1, 1, [trial(1, 16, { top1: null, state: 'failed' })], [32, 32, 32]))).toEqual([
      ['open', 'open', 'left_out'],
      ['open', 'open', 'left_out'],
      ['open', 'failed', 'left_out'],
    ]);
  });

  it('knows how sure an accuracy is, and how much is done', () => {
    expect(marginOf(trial(0, 16))).toBeCloseTo(0.0962, 3);
    expect(marginOf(trial(0, 16, { seeds: 4 }))).toBeCloseTo(0.0486, 3);
    expect(marginOf(trial(0, 16, { top1: null }))).toBeNull();
    expect(shareOf(details(2, 0, [], null))).toBe(0.25);
  });
});

describe('the form of a search', () => {
  it('reads sizes as they are written in either language', () => {
    expect(candidatesOf(' auto ')).toBe('auto');
    expect(candidatesOf('96, 160，224')).toEqual([96, 160, 224]);
    expect(candidatesOf('96, x')).toBeNull();
  });

  it('asks for two thirds of the compute, unless another share is given', () => {
    const fields = { ...FIRST_FIELDS, dataset: 'd', model: 'm' };
    expect(requestOf(fields)).toMatchObject({
      algorithm: 2,
      beta: 2 / 3,
      candidates: null,
      tolerance: 0,
      max_seeds: 1,
    });
    expect(requestOf({ ...fields, beta: 50, tolerance: 0.5, seeds: 3 })).toMatchObject({
      beta: 0.5,
      tolerance: 0.005,
      max_seeds: 3,
    });
    expect(requestOf({ ...fields, dataset: null })).toBeNull();
  });
});
