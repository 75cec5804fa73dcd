/** Notices changes of the database by any process. */
import { openStore, type Store } from '../../store/open';
import type { Troubles } from './troubles';

const POLL_MS = 200;

/** It has a connection of its own: SQLite's data_version counts the commits of all *other* connections. */
export class Watcher {
  private readonly store: Store;
  private readonly timer: NodeJS.Timeout;
  private version: number;
  private cursor = 0;

  constructor(
    path: string,
    troubles: Troubles,
    private readonly onChange: (cursor: number) => void,
  ) {
    this.store = openStore(path);
    this.version = this.read();
    this.timer = setInterval(() => void troubles.guard('changes', () => this.look()), POLL_MS);
    this.timer.unref();
  }

  private look(): void {
    const version = this.read();
    if (version === this.version) return;
    this.version = version;
    this.onChange(++this.cursor);
  }

  private read(): number {
    return this.store.pragma('data_version', { simple: true }) as number;
  }

  close(): void {
    clearInterval(this.timer);
    this.store.close();
  }
}
