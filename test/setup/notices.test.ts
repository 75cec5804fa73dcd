import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { bundledPackages, runtimePackages } from '../../scripts/notices.mjs';

it.each([
  ['runtime', runtimePackages],
  ['bundled', bundledPackages],
])('THIRD_PARTY_NOTICES.md lists every %s package in its version (else: npm run notices)', (_, find) => {
  const text = readFileSync('THIRD_PARTY_NOTICES.md', 'utf8');
  const packages = find() as { name: string; version: string }[];
  expect(packages.length).toBeGreaterThan(20);
  expect(packages.filter(({ name, version }) => !text.includes(`| ${name} | ${version} |`))).toEqual([]);
});
