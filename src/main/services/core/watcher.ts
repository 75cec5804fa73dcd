/** Notices that the database has changed, whichever process wrote. */
import { openStore, type Store } from '../../store/open';
import type { Troubles } from './troubles';

const POLL_MS = 200;

/** A connection of its own: SQLite's data_version counts what all *other* connections have committed. */
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
