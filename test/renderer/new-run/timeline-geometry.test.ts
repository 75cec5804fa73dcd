import { describe, expect, it } from 'vitest';
import {
  bandwidthAt,
  barsOf,
  BOTTOM,
  labelled,
  LEFT,
  RIGHT,
  shareAt,
  TOP,
  xOf,
  yOf,
  type Plot,
} from '../../../src/renderer/views/new-run/timeline-geometry';

const plot: Plot = { width: 680, height: 216, full: 224 };

describe('the timeline', () => {
  it('gives a place back as what it was made of', () => {
    for (const share of [0, 0.13, 0.5, 1]) expect(shareAt(plot, xOf(plot, share))).toBeCloseTo(share, 9);
    for (const bandwidth of [16, 96, 224]) expect(bandwidthAt(plot, yOf(plot, bandwidth))).toBeCloseTo(bandwidth, 9);
  });

  it('fills its frame without gaps, heights from zero so that area is honest', () => {
    const bars = barsOf(plot, [
      { bandwidth: 112, share: 0.25 },
      { bandwidth: 224, share: 0.75 },
    ]);
    expect(bars[0]?.left).toBe(LEFT);
    expect(bars[1]?.right).toBe(680 - RIGHT);
    expect(bars[0]?.right).toBe(bars[1]?.left);
    expect(bars[1]?.top).toBe(TOP);
    expect(bars[0]?.bottom).toBe(216 - BOTTOM);
    const tall = bars.map(({ top, bottom }) => bottom - top) as [number, number];
    expect(tall[0] / tall[1]).toBeCloseTo(0.5, 9);
  });

  it('numbers only as many sides as fit, the largest always', () => {
    const sizes = Array.from({ length: 56 }, (_, index) => 4 * (index + 1));
    const shown = [...labelled(plot, sizes)];
    expect(shown[0]).toBe(224);
    expect(shown.length).toBeGreaterThan(5);
    const places = shown.map((size) => yOf(plot, size));
    for (let index = 1; index < places.length; index++)
      expect((places[index] as number) - (places[index - 1] as number)).toBeGreaterThanOrEqual(16);
  });
});
