import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import {
  clampState,
  readState,
  writeState,
  type Rectangle,
  type WindowState,
} from '../../src/main/desktop/window-state';

const primary: Rectangle = { x: 0, y: 25, width: 1920, height: 1055 };
const right: Rectangle = { x: 1920, y: 0, width: 2560, height: 1440 };
const small: Rectangle = { x: 0, y: 0, width: 800, height: 500 };
const at = (x: number, y: number, width: number, height: number, maximized = false): WindowState => ({
  x,
  y,
  width,
  height,
  maximized,
});

describe('where the window opens', () => {
  it('is the middle of the primary display at first', () => {
    expect(clampState(null, [primary])).toEqual(at(240, 103, 1440, 900));
    expect(clampState(null, [small])).toEqual(at(0, 0, 800, 500));
  });

  it('is where it was, on any display that is still there', () => {
    for (const saved of [at(10, 30, 1200, 800), at(2000, 100, 1600, 1000), at(2000, 100, 1600, 1000, true)])
      expect(clampState(saved, [primary, right])).toEqual(saved);
  });

  it('is the primary display where the other one is gone, and stays maximized', () => {
    expect(clampState(at(2000, 100, 1600, 1000, true), [primary])).toEqual(at(240, 103, 1440, 900, true));
  });

  it('is wholly inside the display that it lies on most', () => {
    expect(clampState(at(-400, -50, 1200, 800), [primary])).toEqual(at(0, 25, 1200, 800));
    expect(clampState(at(1800, 100, 1400, 800), [primary, right])).toEqual(at(1920, 100, 1400, 800));
    expect(clampState(at(100, 100, 4000, 3000), [primary])).toEqual(at(0, 25, 1920, 1055));
    expect(clampState(at(50, 50, 100, 100), [primary])).toEqual(at(50, 50, 1024, 640));
    expect(clampState(at(50, 50, 1200, 800), [small])).toEqual(at(0, 0, 800, 500));
  });

  it('is kept in a file, and forgotten where that is not to be understood', () => {
    const file = join(mkdtempSync(join(tmpdir(), 'state-')), 'deeper', 'state.json');
    expect(readState(file)).toBeNull();
    writeState(file, at(1, 2, 1300, 700, true));
    expect(readState(file)).toEqual(at(1, 2, 1300, 700, true));
    for (const text of [
      '',
      '{"x":1}',
      '{"x":null,"y":0,"width":10,"height":10,"maximized":false}',
      '{"x":0,"y":0,"width":-5,"height":10,"maximized":false}',
    ]) {
      writeFileSync(file, text);
      expect(readState(file), text).toBeNull();
    }
  });
});
