/** Fields of a run's configuration that a task reads. Pure. */

/** Fields of the mixing of images and labels for a classifier. */
const MIXING = String.raw`data\.(reprob|remode|mixup\w*|cutmix|label_smoothing)|model_args\.(drop_path_rate|drop_rate)`;

/**
 * Fields that a task does not read. A linear probe's images are augmented, but neither erased nor mixed (He et al.,
 * CVPR 2022, app. A.1).
 */
const UNREAD: Readonly<Record<string, RegExp>> = {
  mae: new RegExp(String.raw`^(data\.(auto_augment|randaug_\w+)|model_args\.\w+|${MIXING})$`),
  probe: new RegExp(`^(${MIXING})$`),
};

/**
 * Says whether a person can set a field, by its dotted path, for runs of this task. The task itself is chosen above.
 */
export function isOfTask(path: string, task: string): boolean {
  if (path === 'task') return false;
  if (path.startsWith('mae.')) return task === 'mae';
  if (path.startsWith('distillation.')) return task === 'classify';
  return !UNREAD[task]?.test(path);
}

/** Fields that the program decides where they are empty; other empty fields switch something off. */
const AUTOMATIC = new Set([
  ...['engine.intra_op_threads', 'engine.inter_op_threads', 'eval.every', 'eval.best', 'model_args.head_init_std'],
  ...['model_args.global_pool', 'distillation.model', 'distillation.size', 'distillation.global_pool'],
  ...['distillation.mean', 'distillation.std'],
]);

export const isAutomatic = (path: string): boolean => AUTOMATIC.has(path);
