/** Where the program finds its own files. */
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { packedRoot } from '../../src/main/base/entry';

const root = join(import.meta.dirname, '..', '..');

it('is the folder above that has a package.json', () => {
  expect(packedRoot()).toBe(root);
  expect(packedRoot(join(root, 'out', 'main'))).toBe(root);
});
it('tells that the program was removed, rather than to look for it for ever', () => {
  expect(() => packedRoot('/removed/app/out/main')).toThrow('/removed/app/out/main: install it again');
});
