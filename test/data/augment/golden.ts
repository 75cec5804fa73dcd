/** The source pixels of golden/augment/pixels.py, and the comparison of a result with its case. */
import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect } from 'vitest';
import { decodeImage } from '../../../src/main/engine/data/decode/decode';
import type { Rgb } from '../../../src/main/engine/data/image/rgb';
import { sharedDataMissing } from '../../support/shared-data';

export interface Digest {
  width: number;
  height: number;
  sha256: string;
  probes: number[];
}

interface Golden {
  sources: Record<string, Digest & { file?: [where: 'repository' | 'shared', path: string] }>;
  ops: (Digest & {
    op: string;
    level: number | null;
    argument: number;
    source: string;
    filter: 'bilinear' | 'bicubic';
  })[];
  resize: (Digest & { source: string; filter: 'bilinear' | 'bicubic' })[];
  jitter: (Digest & { op: string; argument: number; source: string })[];
  evaluation: (Digest & { source: string; size: number; crop_pct: number; filter: 'bilinear' | 'bicubic' })[];
  centre_crop: (Digest & { source: string; size: number })[];
}

export const golden = JSON.parse(readFileSync('test/golden/augment/pixels.json', 'utf8')) as Golden;

export const available = (source: string): boolean =>
  golden.sources[source]?.file?.[0] !== 'shared' || sharedDataMissing === null;

function pattern(width: number, height: number): Rgb {
  const data = Uint8Array.from({ length: width * height * 3 }, (_, at) => {
    const [x, y, channel] = [Math.floor(at / 3) % width, Math.floor(at / 3 / width), at % 3];
    return (x * 7 + y * 13 + channel * 31 + x * y) % 256;
  });
  return { data, width, height };
}

async function open(name: string): Promise<Rgb> {
  if (name === 'pattern') return pattern(37, 23);
  if (name === 'pixel') return pattern(1, 1);
  if (name === 'flat')
    return {
      data: Uint8Array.from({ length: 600 }, (_, at) => [10, 200, 90][at % 3] as number),
      width: 20,
      height: 10,
    };
  const [where, path] = golden.sources[name]?.file ?? ['repository', name];
  return decodeImage(readFileSync(where === 'shared' ? join('../shared', path) : path));
}

/** Opens every source that is available on this machine, by name. */
export async function openSources(): Promise<Map<string, Rgb>> {
  const names = Object.keys(golden.sources).filter(available);
  return new Map(await Promise.all(names.map(async (name): Promise<[string, Rgb]> => [name, await open(name)])));
}

/** Expects equal bits. The probes are compared first, because they show how large a difference is. */
export function expectDigest(
  { data, width, height }: Rgb,
  { width: w, height: h, probes, sha256 }: Digest,
  what: string,
): void {
  expect([width, height], what).toEqual([w, h]);
  const last = data.length - 1;
  expect(
    probes.map((_, index) => data[Math.trunc((last * index) / (probes.length - 1))]),
    what,
  ).toEqual(probes);
  expect(createHash('sha256').update(data).digest('hex'), what).toBe(sha256);
}
