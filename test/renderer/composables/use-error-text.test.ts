/**
 * Errors in the window's language: English shows the engine's own sentences. Other languages show the meaning of the
 * code, with these sentences below.
 */
import { describe, expect, it, vi } from 'vitest';
import { ERROR_CODES, type ErrorData } from '../../../src/shared/errors';
import en from '../../../src/renderer/i18n/en/errors';
import zh from '../../../src/renderer/i18n/zh/errors';
import { i18n } from '../../../src/renderer/i18n';

vi.mock('vue-i18n', async (load) => ({ ...(await load<object>()), useI18n: () => i18n.global }));

const { useErrorText } = await import('../../../src/renderer/composables/use-error-text');

const full: ErrorData = {
  code: 'disk_full',
  what: 'The checkpoint was not written.',
  why: 'The disk has 3 MB left.',
  next: 'Free 2 GB.',
};

describe('an error', () => {
  it('is in English what the engine says', () => {
    i18n.global.locale.value = 'en';
    expect(useErrorText().textOf(full)).toEqual({ title: full.what, why: full.why, next: full.next, own: '' });
    expect(useErrorText().lineOf(full)).toBe('The checkpoint was not written. The disk has 3 MB left.');
  });

  it('is in Chinese what its code means, with what the engine says beneath', () => {
    i18n.global.locale.value = 'zh';
    const { title, why, next, own } = useErrorText().textOf(full);
    expect([title, why, next]).toEqual(['磁盘已满', '', '请释放空间后重试。']);
    expect(own).toBe('The checkpoint was not written. The disk has 3 MB left.\nFree 2 GB.');
    expect(useErrorText().lineOf(full)).toBe('磁盘已满。The checkpoint was not written. The disk has 3 MB left.');
  });

  it('of every code has a headline and a way on, each its own', () => {
    for (const messages of [en, zh] as Record<string, string>[]) {
      const said = ERROR_CODES.flatMap((code) => [messages[code], messages[`next_${code}`]]);
      expect(said.every((text) => typeof text === 'string' && text.length > 3)).toBe(true);
      expect(new Set(said).size).toBe(said.length);
    }
  });
});
