/** The tasks that runs can have. They are fetched once, because they don't change while the host runs. */
import { defineStore } from 'pinia';
import { shallowRef } from 'vue';
import type { TaskInfo } from '../../shared/contract/models';
import type { RunSummary } from '../../shared/contract/runs';
import { call } from '../api/client';

export const useTasks = defineStore('tasks', () => {
  const all = shallowRef<readonly TaskInfo[]>([]);

  async function load(): Promise<void> {
    all.value = await call('models.tasks', {});
  }

  const byId = (id: string): TaskInfo | null => all.value.find((task) => task.id === id) ?? null;

  /** Returns the series by which a run is judged; null until the tasks are loaded and the run has been evaluated. */
  const headlineOf = ({ task, best }: Pick<RunSummary, 'task' | 'best'>): string | null =>
    byId(task)?.best.metric ?? best?.metric ?? null;

  /** Returns the series by which all these runs are judged; null where they have none in common. */
  function commonHeadline(runs: readonly Pick<RunSummary, 'task' | 'best'>[]): string | null {
    const found = new Set(runs.map(headlineOf));
    return found.size === 1 ? ([...found][0] ?? null) : null;
  }

  return { all, load, byId, headlineOf, commonHeadline };
});
