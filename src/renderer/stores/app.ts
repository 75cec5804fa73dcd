/** Host, settings, theme and language. */
import { defineStore } from 'pinia';
import { computed, ref } from 'vue';
import { settingsSchema, type AppInfo, type Settings } from '../../shared/contract/app';
import { call, on } from '../api/client';
import { setLanguage } from '../i18n';

const REMEMBERED = 'efficienttrain.theme';

export const useAppStore = defineStore('app', () => {
  const info = ref<AppInfo | null>(null);
  const settings = ref<Settings>(settingsSchema.parse({}));
  const systemDark = matchMedia('(prefers-color-scheme: dark)');
  const dark = ref(false);

  /** Applies the theme that was shown last before the settings are loaded, so that nothing flashes. */
  function applyRemembered(): void {
    const remembered = localStorage.getItem(REMEMBERED);
    if (remembered === 'light' || remembered === 'dark') document.documentElement.dataset['theme'] = remembered;
    else apply();
  }

  function apply(): void {
    const { theme, language } = settings.value;
    dark.value = theme === 'system' ? systemDark.matches : theme === 'dark';
    document.documentElement.dataset['theme'] = dark.value ? 'dark' : 'light';
    localStorage.setItem(REMEMBERED, theme === 'system' ? '' : theme);
    setLanguage(language);
  }

  async function refresh(): Promise<void> {
    settings.value = await call('app.settings', {});
    apply();
  }

  async function load(): Promise<void> {
    applyRemembered();
    systemDark.addEventListener('change', apply);
    on('settings', () => void refresh());
    [info.value] = await Promise.all([call('app.info', {}), refresh()]);
  }

  /** Shows a change at once, then stores it. */
  async function change(fields: Partial<Settings>): Promise<void> {
    settings.value = { ...settings.value, ...fields };
    apply();
    settings.value = await call('app.change', fields);
  }

  /** Restores the previous values where storing failed. */
  function restore(before: Settings): void {
    settings.value = before;
    apply();
  }

  /** Returns a screen's layout or choices, kept with the settings. */
  const layoutOf = <T>(screen: string, fallback: T): T => (settings.value.layout[screen] as T | undefined) ?? fallback;
  const keepLayout = (screen: string, value: unknown): Promise<void> =>
    change({ layout: { ...settings.value.layout, [screen]: value } });

  const native = computed(() => info.value?.native ?? false);
  return { info, settings, dark, native, load, change, restore, layoutOf, keepLayout };
});
