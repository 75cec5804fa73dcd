import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { PREFLIGHT_IDS } from '../../../src/shared/contract/plans';
import { recipeFields } from '../../../src/shared/schedule-editor/recipe-fields';
import en from '../../../src/renderer/i18n/en/new-run';
import zh from '../../../src/renderer/i18n/zh/new-run';

const text = readFileSync(join(import.meta.dirname, '../../../src/main/services/preflight/preflight-items.ts'), 'utf8');
const job = readFileSync(join(import.meta.dirname, '../../../src/main/services/jobs/preflight.ts'), 'utf8');
const gpu = readFileSync(join(import.meta.dirname, '../../../src/main/services/preflight/gpu-memory-items.ts'), 'utf8');
const holders = (message: string): string[] =>
  [...message.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string).sort();

describe('the strings of a new run', () => {
  it('have the same placeholders in both languages', () => {
    for (const key of Object.keys(en) as (keyof typeof en)[])
      expect([key, holders(zh[key])]).toEqual([key, holders(en[key])]);
  });

  it('have a sentence for every outcome of a check, and a remedy for all that are not right', () => {
    const outcomes = [...`${text}${job}${gpu}`.matchAll(/item\(\s*'(\w+)',\s*([^,]+(?:\? [^:]+: [^,]+)?),\s*([^)]+)/g)];
    const codes = outcomes.flatMap(([, id, , rest]) =>
      [...(rest as string).matchAll(/'(\w+)'/g)].map(([, code]) => `${id}_${code}`),
    );
    expect(codes.length).toBeGreaterThan(8);
    for (const code of codes) expect(en).toHaveProperty([`check_${code}`]);
    for (const id of PREFLIGHT_IDS) expect(en).toHaveProperty([`item_${id}`]);
    const bad = [
      'engine_fallback',
      'memory_predicted',
      'memory_tight',
      'memory_over',
      'memory_predicted_over',
      'memory_gpu_predicted',
      'memory_gpu_predicted_over',
      'disk_low',
      'disk_full',
    ];
    for (const code of bad) expect(en).toHaveProperty([`remedy_${code}`]);
  });

  it('name every section of the recipe', () => {
    for (const { section } of recipeFields()) expect(en).toHaveProperty([`section_${section || 'run'}`]);
  });

  it('are all there that the templates ask for', () => {
    const folder = join(import.meta.dirname, '../../../src/renderer/views/new-run');
    const used = readdirSync(folder).flatMap((name) => [
      ...readFileSync(join(folder, name), 'utf8').matchAll(/'newRun\.(\w+)'/g),
    ]);
    expect(used.length).toBeGreaterThan(80);
    for (const [, key] of used) expect(en).toHaveProperty([key as string]);
  });
});
