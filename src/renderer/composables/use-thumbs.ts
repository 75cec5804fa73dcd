/** Thumbnails for a list or grid: `want` sets those in view, `get` returns the loaded ones. */
import { onScopeDispose, shallowRef } from 'vue';
import { errorData, type ErrorData } from '../../shared/errors';
import { ThumbLoader, type Thumb } from '../components/thumb-loader';

export interface Thumbs {
  get: (path: string) => Thumb | undefined;
  want: (paths: readonly string[]) => void;
  clear: () => void;
  error: { readonly value: ErrorData | null };
}

export function useThumbs(fetch: (paths: string[]) => Promise<Thumb[]>): Thumbs {
  const version = shallowRef(0);
  const error = shallowRef<ErrorData | null>(null);
  const loader = new ThumbLoader(
    fetch,
    () => version.value++,
    (thrown) => (error.value = errorData(thrown)),
  );
  onScopeDispose(() => loader.close());
  return {
    get: (path) => (version.value >= 0 ? loader.get(path) : undefined),
    want: (paths) => loader.want(paths),
    clear: () => {
      error.value = null;
      loader.clear();
    },
    error,
  };
}
