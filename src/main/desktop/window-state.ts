/** Stores the window's position for the next start, and clamps it to the displays that exist then. */
import { mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { z } from 'zod';

export interface Rectangle {
  x: number;
  y: number;
  width: number;
  height: number;
}

const stateSchema = z.object({
  ...{ x: z.int(), y: z.int(), width: z.int().positive(), height: z.int().positive(), maximized: z.boolean() },
});

export type WindowState = z.infer<typeof stateSchema>;

export const MINIMUM = { width: 1024, height: 640 } as const;
const USUAL = { width: 1440, height: 900 } as const;

const between = (value: number, low: number, high: number): number =>
  Math.min(Math.max(value, low), Math.max(low, high));

function overlap(a: Rectangle, b: Rectangle): number {
  const width = Math.min(a.x + a.width, b.x + b.width) - Math.max(a.x, b.x);
  const height = Math.min(a.y + a.height, b.y + b.height) - Math.max(a.y, b.y);
  return Math.max(width, 0) * Math.max(height, 0);
}

function centred({ x, y, width, height }: Rectangle): WindowState {
  const size = { width: Math.min(USUAL.width, width), height: Math.min(USUAL.height, height) };
  const at = { x: Math.round(x + (width - size.width) / 2), y: Math.round(y + (height - size.height) / 2) };
  return { ...at, ...size, maximized: false };
}

/** Clamps the position. @param areas work areas of the displays, the primary one first */
export function clampState(saved: WindowState | null, areas: readonly [Rectangle, ...Rectangle[]]): WindowState {
  const primary = areas[0];
  if (!saved) return centred(primary);
  const home = areas.reduce((best, area) => (overlap(saved, area) > overlap(saved, best) ? area : best), primary);
  // The display it was on no longer exists.
  if (!overlap(saved, home)) return { ...centred(primary), maximized: saved.maximized };
  const width = between(saved.width, Math.min(MINIMUM.width, home.width), home.width);
  const height = between(saved.height, Math.min(MINIMUM.height, home.height), home.height);
  const x = between(saved.x, home.x, home.x + home.width - width);
  const y = between(saved.y, home.y, home.y + home.height - height);
  return { x, y, width, height, maximized: saved.maximized };
}

/** Returns null at the first start, and where the file can't be read: a lost position is not worth a message. */
export function readState(file: string): WindowState | null {
  try {
    return stateSchema.parse(JSON.parse(readFileSync(file, 'utf8')));
  } catch {
    return null;
  }
}

/** On a full disk the last stored position is kept. It is not worth a message, or the window. */
export function writeState(file: string, state: WindowState): void {
  try {
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(`${file}.new`, JSON.stringify(state));
    renameSync(`${file}.new`, file);
  } catch (error) {
    console.error(`The window's position could not be stored: ${(error as Error).message}`);
  }
}
