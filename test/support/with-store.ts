import { databasePath } from '../../src/main/base/home';
import { openStore, type Store } from '../../src/main/store/open';

/** Opens the database of a data folder for as long as `use` takes. */
export function withStore<T>(home: string, use: (store: Store) => T): T {
  const store = openStore(databasePath(home));
  try {
    return use(store);
  } finally {
    store.close();
  }
}
