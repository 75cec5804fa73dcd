/** Finds the published results that fit the compared models. */
import { computed, shallowRef, type ComputedRef } from 'vue';
import { call } from '../../api/client';
import { useFailures } from '../../stores/failures';
import { publishedFor, type Published } from './published';

export function usePublished(models: () => readonly string[]): ComputedRef<readonly Published[]> {
  const papers = shallowRef<readonly Published[]>([]);
  void call('compare.published', {}).then((rows) => (papers.value = rows), useFailures().report);
  return computed(() => publishedFor(papers.value, models()));
}
