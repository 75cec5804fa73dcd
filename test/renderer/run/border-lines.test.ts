import { describe, expect, it } from 'vitest';
import en from '../../../src/renderer/i18n/en/run';
import { borderLines } from '../../../src/renderer/views/run/border-lines';
import type { RunDetails } from '../../../src/shared/contract/runs';

const bounds = (share: [number, number], end: [number, number]) => ({
  ...{ share_min: share[0], share_max: share[1], end_min: end[0], end_max: end[1] },
});
const stages = [16, 24, 32].map((bandwidth) => ({ bandwidth, share: 0.4 }));
const run = (decided: number, borders: unknown[], ...of: ReturnType<typeof bounds>[]) =>
  ({ plan: { stages, adaptive: { decided, stages: of } }, borders }) as unknown as RunDetails;

describe('the lines of an adaptive run', () => {
  it('say how stages ended, and within which bounds the others will', () => {
    const decision = {
      ...{ stage: 0, bandwidth: 16, step: 200, share: 0.125, reason: 'pays_too_little' },
      ...{ gains: [0.3, 0.15], mean_gain: 0.5125, threshold: 0.5 },
    };
    const lines = borderLines(
      run(
        1,
        [decision],
        bounds([0.125, 0.125], [0.125, 0.125]),
        bounds([0.2, 0.6], [0.325, 0.725]),
        bounds([0.275, 0.675], [1, 1]),
      ),
    );
    expect(lines.map(({ key }) => key)).toEqual(['border_pays_too_little', 'border_open', 'border_rest']);
    expect(lines[0]?.facts).toMatchObject({ stage: 1, step: 200, share: '12.5 %', gains: '0.3, 0.15' });
    expect(lines[1]?.facts).toMatchObject({ from: '32.5 %', to: '72.5 %' });
    for (const { key, facts } of lines)
      for (const [, name] of en[key].matchAll(/\{(\w+)\}/g)) expect(facts).toHaveProperty(name as string);
  });

  it('say of a stage whose loss has not fallen no more than that', () => {
    const flat = { stage: 0, bandwidth: 16, step: 9, share: 0.3, reason: 'pays_too_little', gains: [-0.1, 0.05] };
    const open = [0.3, 0.3, 0.4].map((share) => bounds([share, share], [share, share]));
    const [first] = borderLines(run(1, [{ ...flat, mean_gain: -0.025, threshold: 0.5 }], ...open));
    expect(first).toMatchObject({ key: 'border_flat', facts: { stage: 1, share: '30.0 %' } });
  });

  it('say what the last stage has, once its beginning is decided', () => {
    const longest = {
      stage: 0,
      bandwidth: 16,
      step: 9,
      share: 0.3,
      reason: 'longest',
      gains: [],
      mean_gain: null,
      threshold: 0.5,
    };
    const done = [0.3, 0.3, 0.4].map((share) => bounds([share, share], [share, share]));
    const lines = borderLines(run(2, [longest, { ...longest, stage: 1 }], ...done));
    expect(lines.map(({ key }) => key)).toEqual(['border_longest', 'border_longest', 'border_last']);
  });
});
