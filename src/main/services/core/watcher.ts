/** Notices that the database has changed, whichever process wrote. */
import { openStore, type Store } from '../../store/open';

const POLL_MS = 200;

/** A connection of its own: SQLite's data_version counts what all *other* connections have committed. */
export class Watcher {
  private readonly store: Store;
  private readonly timer: NodeJS.Timeout;
  private version: number;
  private cursor = 0;

  constructor(path: string, onChange: (cursor: number) => void) {
    this.store = openStore(path);
    this.version = this.read();
    this.timer = setInterval(() => {
      const version = this.read();
      if (version === this.version) return;
      this.version = version;
      onChange(++this.cursor);
    }, POLL_MS);
    this.timer.unref();
  }

  private read(): number {
    return this.store.pragma('data_version', { simple: true }) as number;
  }

  close(): void {
    clearInterval(this.timer);
    this.store.close();
  }
}
