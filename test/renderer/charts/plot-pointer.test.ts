/** Mouse and keys over a plot. */
import { beforeEach, describe, expect, it } from 'vitest';
import { shallowReactive, shallowRef } from 'vue';
import type { ChartGroup } from '../../../src/renderer/charts/chart-group';
import type { ChartModel } from '../../../src/renderer/charts/chart-model';
import { plotKeys } from '../../../src/renderer/charts/plot-keys';
import { stopAfter, zoomed } from '../../../src/renderer/charts/plot-stops';
import { usePlotPointer, type PointedPlot } from '../../../src/renderer/charts/use-plot-pointer';

const X = Float64Array.from([10, 20, 20, 30, 40]);
const WHOLE = [0, 40] as const;

describe('the stops of the arrow keys', () => {
  it('are the points in view; those of one x are one', () => {
    expect(stopAfter(X, WHOLE, 10, 1)).toBe(20);
    expect(stopAfter(X, WHOLE, 20, 1)).toBe(30);
    expect(stopAfter(X, WHOLE, 20, -1)).toBe(10);
    expect(stopAfter(X, WHOLE, 25, -1)).toBe(10);
    expect(stopAfter(X, WHOLE, 10, 10)).toBe(40);
    expect(stopAfter(X, [15, 35], 30, 1)).toBe(30);
  });

  it('begin at the end that the key points away from', () => {
    expect([stopAfter(X, WHOLE, null, 1), stopAfter(X, WHOLE, null, -1)]).toEqual([10, 40]);
    expect([stopAfter(X, WHOLE, 20, -Infinity), stopAfter(X, WHOLE, 20, Infinity)]).toEqual([10, 40]);
    expect(stopAfter(new Float64Array(), WHOLE, null, 1)).toBeNull();
  });
});

it('a view is zoomed around the crosshair, and begins at 0 at the earliest', () => {
  expect(zoomed([0, 40], 30, 0.5)).toEqual([20, 40]);
  expect(zoomed([0, 40], null, 0.5)).toEqual([10, 30]);
  expect(zoomed([0, 10], 1, 2)).toEqual([0, 20]);
});

let group: ChartGroup;
let plot: PointedPlot;
beforeEach(() => {
  group = { crosshair: shallowRef(null), zoom: shallowRef(null) };
  const model = { x: WHOLE, empty: false, drawn: [{ points: { x: X } }] } as unknown as ChartModel;
  // The plot itself is 100 px wide, from 56 on.
  plot = { model, size: { width: 168, height: 100 }, group };
});

describe('keys over a plot', () => {
  const press = (key: string, fields: Partial<KeyboardEvent> = {}): boolean => {
    let prevented = false;
    plotKeys(plot)({ key, preventDefault: () => (prevented = true), ...fields } as KeyboardEvent);
    return prevented;
  };

  it('move the crosshair and zoom around it', () => {
    press('ArrowRight');
    press('ArrowRight');
    expect(group.crosshair.value).toBe(20);
    expect(press('+')).toBe(true);
    expect(group.zoom.value).toEqual([10, 30]);
    press('0');
    expect(group.zoom.value).toBeNull();
    press('-');
    expect(group.zoom.value).toBeNull();
  });

  it('leave with Escape, and leave other keys alone', () => {
    press('End');
    press('+');
    press('Escape');
    expect([group.crosshair.value, group.zoom.value]).toEqual([null, null]);
    expect([press('x'), press('ArrowRight', { ctrlKey: true })]).toEqual([false, false]);
  });
});

describe('the mouse over a plot', () => {
  const target = { getBoundingClientRect: () => ({ left: 0 }), setPointerCapture: () => undefined };
  const event = (clientX: number): PointerEvent =>
    ({ clientX, button: 0, pointerId: 1, currentTarget: target }) as unknown as PointerEvent;

  it('moves the crosshair and zooms by dragging, but not by a click', () => {
    const pointer = usePlotPointer(shallowReactive(plot));
    pointer.move(event(81));
    expect([group.crosshair.value, pointer.at.value]).toEqual([10, 81]);
    pointer.down(event(81));
    pointer.move(event(84));
    pointer.up(event(84));
    expect(group.zoom.value).toBeNull();
    pointer.down(event(131));
    pointer.move(event(81));
    pointer.leave();
    pointer.up(event(81));
    expect(group.zoom.value).toEqual([10, 30]);
    pointer.reset();
    pointer.leave();
    expect([group.zoom.value, group.crosshair.value]).toEqual([null, null]);
  });
});
