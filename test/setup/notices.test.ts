import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { runtimePackages } from '../../scripts/notices.mjs';

it('THIRD_PARTY_NOTICES.md lists every runtime package in its version (else: npm run notices)', () => {
  const text = readFileSync('THIRD_PARTY_NOTICES.md', 'utf8');
  const packages = runtimePackages() as { name: string; version: string }[];
  expect(packages.length).toBeGreaterThan(20);
  expect(packages.filter(({ name, version }) => !text.includes(`| ${name} | ${version} |`))).toEqual([]);
});
