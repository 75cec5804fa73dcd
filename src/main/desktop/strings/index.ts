/** Texts of native menus, dialogs and notifications; the window's own are in src/renderer/i18n. */
import en from './en';
import zh from './zh';

export type Language = 'en' | 'zh';
export type Strings = typeof en;

export const STRINGS: Record<Language, Strings> = { en, zh };

/** Returns the language. @param locale the system's, for the setting `system` */
export function languageOf(setting: 'system' | Language, locale: string): Language {
  if (setting !== 'system') return setting;
  return locale.toLowerCase().startsWith('zh') ? 'zh' : 'en';
}
