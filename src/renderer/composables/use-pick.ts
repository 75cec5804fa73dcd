/** Picks a folder or file: by the system's dialog on the desktop, by the window's own browser elsewhere. */
import { defineStore } from 'pinia';
import { ref } from 'vue';
import { call } from '../api/client';
import { useAppStore } from '../stores/app';

export interface PickOptions {
  what: 'folder' | 'file';
  title: string;
  extensions?: string[];
}

/** The one open browser of folders; components/FolderBrowser.vue shows it. */
export const useBrowser = defineStore('browser', () => {
  const asked = ref<(PickOptions & { settle: (path: string | null) => void }) | null>(null);

  const ask = (options: PickOptions): Promise<string | null> =>
    new Promise((settle) => {
      asked.value = { ...options, settle };
    });

  function answer(path: string | null): void {
    asked.value?.settle(path);
    asked.value = null;
  }

  return { asked, ask, answer };
});

/** Picks a path. @returns a path that other calls accept; null where it was cancelled */
export async function pick(options: PickOptions): Promise<string | null> {
  if (!useAppStore().native) return useBrowser().ask(options);
  const picked = await call('files.pick', { ...options, extensions: options.extensions ?? [], suggested: '' });
  return picked?.path ?? null;
}
