/** The window's strings: one file per screen and language, the same keys in each (test/renderer/i18n.test.ts). */
import { createI18n } from 'vue-i18n';

type Messages = Record<string, unknown>;

const english = import.meta.glob<{ default: Messages }>('./en/*.ts', { eager: true });
const chinese = import.meta.glob<{ default: Messages }>('./zh/*.ts', { eager: true });

/** `new-run.ts` holds the strings of `newRun`. */
const nameOf = (file: string): string =>
  file.replace(/^.*\/(.*)\.ts$/, '$1').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());

const collect = (files: Record<string, { default: Messages }>): Messages =>
  Object.fromEntries(Object.entries(files).map(([file, { default: messages }]) => [nameOf(file), messages]));

export const messages = { en: collect(english), zh: collect(chinese) };

export type Language = keyof typeof messages;

export const i18n = createI18n({
  legacy: false,
  locale: 'en' as string,
  fallbackLocale: 'en',
  missingWarn: import.meta.env.DEV,
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- screens bring their own files; the test compares their keys.
  messages: messages as any,
});

export const language = (): Language => i18n.global.locale.value as Language;

/** Whether the engine's own words are in the window's language. */
export const inEnginesLanguage = (): boolean => language() === 'en';

export function setLanguage(chosen: 'system' | Language): void {
  const system = navigator.language.startsWith('zh') ? 'zh' : 'en';
  const used = chosen === 'system' ? system : chosen;
  i18n.global.locale.value = used;
  document.documentElement.lang = used === 'zh' ? 'zh-CN' : 'en';
}
