import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { doctorText } from '../../../src/renderer/views/settings/doctor-text';
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
    { id: 'onednn', ok: true, value: 'on', cause: null, remedy: null },
    { id: 'free_disk', ok: false, value: '1 GB', cause: 'Full.', remedy: 'Free some.' },
  ];
  expect(doctorText(checks)).toBe('ok   onednn: on\nBAD  free_disk: 1 GB\n     why: Full.\n     do:  Free some.');
});
