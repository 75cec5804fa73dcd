/** At its start the built host loads nothing that decodes or trains, which happens in processes of their own. */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { entryPath, appRoot } from '../../src/main/base/entry';

/** Returns the packages that a built file imports at once, through its chunks. */
function packagesOf(file: string, seen = new Set<string>()): Set<string> {
  const found = new Set<string>();
  if (seen.has(file)) return found;
  seen.add(file);
  for (const [, name = ''] of readFileSync(file, 'utf8').matchAll(/^import (?:[^;]*? from )?"([^"]+)"/gm))
    if (name.startsWith('.')) for (const other of packagesOf(join(dirname(file), name), seen)) found.add(other);
    else found.add(name);
  return found;
}

const isHeavy = (name: string): boolean => name === 'sharp' || name.startsWith('@tensorflow/');

describe('the built desktop', () => {
  it('loads neither sharp nor TensorFlow into Electron’s own process', () => {
    const loaded = packagesOf(join(appRoot(), 'out', 'main', 'index.js'));
    expect([...loaded]).toEqual(expect.arrayContaining(['electron', 'better-sqlite3']));
    expect([...loaded].filter(isHeavy)).toEqual([]);
  });

  it('leaves sharp to the process beside it', () => {
    expect([...packagesOf(entryPath('pictures'))]).toContain('sharp');
  });
});
