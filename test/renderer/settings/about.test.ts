import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { i18n } from '../../../src/renderer/i18n';
import { DOCTOR_WORD_IDS, DOCTOR_WORDS, inEnglish } from '../../../src/shared/doctor-words';
import { doctorText, factsText, type Check } from '../../../src/renderer/views/settings/doctor-text';
import { noticesOf } from '../../../src/renderer/views/settings/notices';

describe('the licences that the window lists', () => {
  const markdown = readFileSync(join(import.meta.dirname, '../../../THIRD_PARTY_NOTICES.md'), 'utf8');

  it('are those of the notices, each package once, in order', () => {
    const names = noticesOf(markdown).map(({ name, version }) => `${name} ${version}`);
    expect(names.length).toBeGreaterThan(80);
    expect(new Set(names).size).toBe(names.length);
    expect(names.filter((name) => /^(@vue\/runtime-core|sharp|echarts|@tensorflow\/tfjs) /.test(name))).toHaveLength(4);
    expect(names.some((name) => /package|---/.test(name.split(' ')[0] as string))).toBe(false);
  });

  it('keep name, version and licence apart', () => {
    expect(noticesOf('| package | version | licence |\n|---|---|---|\n| a | 1.0 | MIT AND ISC | me |')).toEqual([
      { name: 'a', version: '1.0', licence: 'MIT AND ISC' },
    ]);
  });
});

it('the doctor’s text has cause and remedy where something is not right', () => {
  const checks = [
    { id: 'onednn', ok: true, value: 'on', facts: ['on'], cause: null, remedy: null },
    { id: 'free_disk', ok: false, value: '1 GB', facts: ['1 GB'], cause: 'Full.', remedy: 'Free some.' },
  ];
  expect(doctorText(checks)).toBe('ok   onednn: on\nBAD  free_disk: 1 GB\n     why: Full.\n     do:  Free some.');
});

describe('what the doctor found', () => {
  const facts: Check['facts'] = ['/data', { word: 'free', values: { gb: '1.5' } }];

  it('is said in the window’s language', () => {
    i18n.global.locale.value = 'zh';
    expect(factsText(facts, i18n.global.t)).toBe('/data；剩余 1.5 GB');
    i18n.global.locale.value = 'en';
    expect(factsText(facts, i18n.global.t)).toBe('/data; 1.5 GB free');
  });

  it('is in English what the command line says', () => {
    const values = {
      ...{ gib: '8', gpus: 'G', by: 'B', model: 'M' },
      ...{ count: 2, library: 'L', gb: '1', version: 9 },
    };
    const all = DOCTOR_WORD_IDS.map((word) => ({ word, values }));
    expect(all.length).toBe(Object.keys(DOCTOR_WORDS).length);
    expect(factsText(all, i18n.global.t)).toBe(inEnglish(all));
    expect(inEnglish(all)).not.toMatch(/[{}]|undefined/);
  });
});
