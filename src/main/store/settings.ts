/** The table `settings`, which desktop and serve of a data folder share. */
import { settingsSchema, type Settings } from '../../shared/contract/app';
import type { Store } from './open';

/** A row of `settings`: the value is JSON. */
interface SettingRow {
  key: string;
  value: string;
}

export class SettingsStore {
  constructor(private readonly store: Store) {}

  /** Reads the settings. A field that can't be parsed (written by a newer version) takes its default. */
  get(): Settings {
    const rows = this.store.prepare<[], SettingRow>('SELECT key, value FROM settings').all();
    const known: Record<string, unknown> = {};
    for (const { key, value } of rows) {
      const field = Object.hasOwn(settingsSchema.shape, key) ? settingsSchema.shape[key as keyof Settings] : null;
      const parsed = field?.safeParse(JSON.parse(value));
      if (parsed?.success) known[key] = parsed.data;
    }
    return settingsSchema.parse(known);
  }

  change(fields: { [K in keyof Settings]?: Settings[K] | undefined }): Settings {
    const put = this.store.prepare('INSERT OR REPLACE INTO settings (key, value) VALUES (?, ?)');
    this.store.transaction(() => {
      for (const [key, value] of Object.entries(fields)) if (value !== undefined) put.run(key, JSON.stringify(value));
    })();
    return this.get();
  }
}
