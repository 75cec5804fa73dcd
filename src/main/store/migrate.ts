import type { Store } from './open';

export interface Migration {
  version: number;
  name: string;
  sql: string;
}

const files = import.meta.glob<{ migration: Migration }>('./migrations/*.ts', { eager: true });

function collect(): Migration[] {
  const migrations = Object.values(files)
    .map(({ migration }) => migration)
    .sort((a, b) => a.version - b.version);
  migrations.forEach(({ version, name }, index) => {
    if (version !== index + 1) throw new Error(`migration ${name} has version ${version}, ${index + 1} is next`);
  });
  return migrations;
}

const MIGRATIONS = collect();

export const newestVersion = (): number => MIGRATIONS.length;

/** Each in a transaction of its own; the version is checked inside, so two processes can start at once. */
export function migrate(store: Store, upTo = newestVersion()): void {
  for (const { version, sql } of MIGRATIONS.slice(0, upTo)) {
    store
      .transaction(() => {
        if ((store.pragma('user_version', { simple: true }) as number) >= version) return;
        store.exec(sql);
        store.pragma(`user_version = ${version}`);
      })
      .immediate();
  }
}
