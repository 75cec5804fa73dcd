/** Stores a setting; where that fails the screen returns to the stored value and gives the reason. */
import type { Settings } from '../../../shared/contract/app';
import { useAppStore } from '../../stores/app';
import { useFailures } from '../../stores/failures';

export function useSetting(): (fields: Partial<Settings>) => Promise<void> {
  const app = useAppStore();
  const failures = useFailures();
  return async (fields) => {
    const before = { ...app.settings };
    try {
      await app.change(fields);
    } catch (error) {
      app.restore(before);
      failures.report(error);
    }
  };
}
