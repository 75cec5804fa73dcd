import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { FINDING_KINDS } from '../../../src/shared/contract/reviews';
import { isChoice } from '../../../src/renderer/views/datasets/findings';
import en from '../../../src/renderer/i18n/en/datasets';
import zh from '../../../src/renderer/i18n/zh/datasets';

const renderer = join(import.meta.dirname, '../../../src/renderer');
const FOLDERS = ['views/datasets', 'components', 'composables', 'stores', 'shell'];
const sources = FOLDERS.flatMap((folder) =>
  readdirSync(join(renderer, folder))
    .filter((name) => /\.(vue|ts)$/.test(name))
    .map((name) => readFileSync(join(renderer, folder, name), 'utf8')),
).join('\n');
const holders = (message: string): string[] =>
  [...new Set([...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string))].sort();

describe('the strings of the datasets screens', () => {
  it('have the same placeholders in both languages', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, holders(zh[key])]).toEqual([key, holders(en[key])]);
  });

  it('are all there that are asked for', () => {
    const used = [...sources.matchAll(/\bt\(\s*['`]datasets\.(\w+)['`]/g)].map(([, key]) => key as string);
    expect(used.length).toBeGreaterThan(120);
    for (const key of used) expect(en).toHaveProperty([key]);
  });

  it('are all asked for', () => {
    const made = [...sources.matchAll(/`datasets\.(\w+_)\$\{/g)].map(([, start]) => start as string);
    for (const key of Object.keys(en))
      expect([key, sources.includes(`datasets.${key}'`) || made.some((start) => key.startsWith(start))]).toEqual([
        key,
        true,
      ]);
  });

  it('say of every kind of finding what it is and what it means, and of those that can be settled what that did', () => {
    for (const kind of FINDING_KINDS) {
      for (const part of ['title', 'why', 'kind']) expect(en).toHaveProperty([`${part}_${kind}`]);
      if (isChoice(kind)) expect(en).toHaveProperty([`done_${kind}`]);
    }
  });
});
