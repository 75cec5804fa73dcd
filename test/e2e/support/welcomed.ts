import type { Store } from '../../../src/main/store/open';
import { SettingsStore } from '../../../src/main/store/settings';

/** Makes the window open on its screens, as it does once the first start's welcome was seen. */
export const markWelcomed = (store: Store): unknown => new SettingsStore(store).change({ welcomed: true });
