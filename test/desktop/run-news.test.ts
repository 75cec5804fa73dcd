import { describe, expect, it } from 'vitest';
import { messageOf, progressOf, type EndedRun } from '../../src/main/desktop/run-news';
import type { LiveProgress } from '../../src/main/store/live-progress';
import { STRINGS } from '../../src/main/desktop/strings';

const run = (fields: Partial<EndedRun>): EndedRun =>
  ({ name: 'deit-96', best: null, error: null, ...fields }) as EndedRun;

describe('news of runs for the system', () => {
  it('is how far all of them are together', () => {
    expect(progressOf([])).toBeNull();
    const plain = { steps: 100, stages: [[224, 9, 1]], stage_ends: [100] } satisfies Partial<LiveProgress>;
    expect(progressOf([{ id: 'a', step: 50, ...plain }])).toBe(0.5);
    expect(
      progressOf([
        { id: 'a', step: 100, ...plain },
        { id: 'b', step: 0, ...plain },
      ]),
    ).toBe(0.5);
    expect(progressOf([{ id: 'a', step: 0, steps: 0, stages: [], stage_ends: [] }])).toBe(0);
  });

  it('is the share of compute, not of steps: small first stages are cheap', () => {
    const stages: LiveProgress['stages'] = [
      [96, 0, 0.2],
      [224, 9, 0.8],
    ];
    expect(progressOf([{ id: 'a', step: 60, steps: 120, stages, stage_ends: [60, 120] }])).toBeCloseTo(0.2, 12);
  });

  it('is an end that nobody asked for, or that was waited for', () => {
    const best = { metric: 'val/top1', value: 0.7142, step: 9 };
    expect(messageOf(run({ state: 'completed', best }), STRINGS.en)).toEqual({
      title: 'Training completed',
      body: 'deit-96: best val/top1 71.4 %',
    });
    const loss = { metric: 'val/loss', value: 0.81234, step: 9 };
    expect(messageOf(run({ state: 'completed', best: loss }), STRINGS.en)?.body).toBe('deit-96: best val/loss 0.8123');
    expect(messageOf(run({ state: 'completed' }), STRINGS.zh)).toEqual({ title: '训练已完成', body: 'deit-96' });
    const error = { code: 'non_finite' as const, what: 'The loss is not finite.', why: '', next: '' };
    expect(messageOf(run({ state: 'failed', error }), STRINGS.en)?.body).toBe('deit-96: The loss is not finite.');
    expect(messageOf(run({ state: 'interrupted' }), STRINGS.en)?.body).toContain('Resume');
    for (const state of ['paused', 'stopped'] as const) expect(messageOf(run({ state }), STRINGS.en)).toBeNull();
  });
});
