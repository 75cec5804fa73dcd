/** The tasks: every file of this folder that exports `task` is one. */
import { AppError } from '../../../shared/errors';
import type { Task } from './task';

const files = import.meta.glob<{ task?: Task }>('./*.ts', { eager: true });

function collect(): Map<string, Task> {
  const tasks = new Map<string, Task>();
  for (const [file, { task }] of Object.entries(files)) {
    if (!task) continue;
    if (file !== `./${task.id}.ts`)
      throw new Error(`${file} holds the task ${task.id}: the file has to be called like its task`);
    tasks.set(task.id, task);
  }
  return tasks;
}

const TASKS = collect();

export const allTasks = (): readonly Task[] => [...TASKS.values()];

/** Returns the task of an id. @throws AppError not_found */
export function findTask(id: string): Task {
  const task = TASKS.get(id);
  if (task) return task;
  throw new AppError({
    code: 'not_found',
    what: `There is no task called ${id}.`,
    why: `The tasks are ${[...TASKS.keys()].join(', ')}.`,
    next: 'Choose one of them, for example --task classify.',
  });
}
