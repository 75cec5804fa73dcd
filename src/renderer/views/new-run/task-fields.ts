/** Which fields of a run's configuration a task reads. Pure. */

/** What happens to images and labels on the way to a classifier; masked autoencoders are augmented by no magnitude and mix no labels. */
const OF_CLASSIFIERS = /^(data\.(auto_augment|randaug_\w+|reprob|remode|mixup\w*|cutmix|label_smoothing)|model_args\.\w+)$/;

/** Whether a field, by its dotted path, is one that a person can set for runs of this task. The task itself is chosen above. */
export function isOfTask(path: string, task: string): boolean {
  if (path === 'task') return false;
  if (task === 'mae') return !OF_CLASSIFIERS.test(path);
  return !path.startsWith('mae.');
}

/** Whether images are augmented with a magnitude. */
export const hasMagnitude = (task: string): boolean => task !== 'mae';
