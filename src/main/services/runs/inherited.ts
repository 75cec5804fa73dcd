/** Values that a run takes from the run whose weights it starts from, where nothing else is asked for. */
import { presetOfTask } from '../../../shared/run-config-resolve';
import { classifierOf } from '../../engine/models/classifier-of';
import { modelEntry } from '../../engine/models';
import type { Run } from '../../store/runs';

export interface Inherited {
  /** Id of the classifier with the parent's encoder, or of the parent's own model; absent: there is none. */
  model?: string;
  /** The authors' preset for training the task from such weights; absent: the model's own. */
  preset?: string;
}

/** Returns the inherited values. @param task of the new run; undefined: classification */
export function inheritedFrom({ model: own, config }: Run, task = 'classify'): Inherited {
  if (task === 'mae') return { model: own };
  const model = classifierOf(modelEntry(own))?.id;
  const preset = config.task === 'mae' && task === 'classify' ? 'finetune-mae' : presetOfTask(task);
  return { ...(model !== undefined && { model }), ...(preset !== undefined && { preset }) };
}
