import type Database from 'better-sqlite3';

export interface Migration {
  version: number;
  name: string;
  sql: string;
}

const files = import.meta.glob<{ migration: Migration }>('./migrations/*.ts', { eager: true });

/**
 * Returns migrations by file, in the order in which they are applied.
 * @throws Error at start where versions have a gap or a duplicate, or a file isn't named after its migration
 */
export function orderMigrations(found: Readonly<Record<string, { migration: Migration }>>): Migration[] {
  const named = Object.entries(found).map(([file, { migration }]) => {
    const expected = `${String(migration.version).padStart(3, '0')}-${migration.name}.ts`;
    if (!file.endsWith(`/${expected}`)) throw new Error(`migration ${file} should be named ${expected}`);
    return migration;
  });
  const ordered = named.sort((a, b) => a.version - b.version);
  ordered.forEach(({ version, name }, index) => {
    if (version !== index + 1) throw new Error(`migration ${name} has version ${version}, ${index + 1} is next`);
  });
  return ordered;
}

const MIGRATIONS = orderMigrations(files);

export const newestVersion = (): number => MIGRATIONS.length;

/** Applies each in a transaction of its own. The version is checked inside, so two processes can start at once. */
export function migrate(store: Database.Database, upTo = newestVersion()): void {
  for (const { version, sql } of MIGRATIONS.slice(0, upTo)) {
    if ((store.pragma('user_version', { simple: true }) as number) >= version) continue;
    store
      .transaction(() => {
        if ((store.pragma('user_version', { simple: true }) as number) >= version) return;
        store.exec(sql);
        store.pragma(`user_version = ${version}`);
      })
      .immediate();
  }
}
