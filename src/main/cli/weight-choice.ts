import type { WeightChoice } from '../services/inference/checkpoints';
import type { CommandCall } from './command';
import { choiceOption, textOption } from './options';

/** Reads --checkpoint and --weights: by default the best checkpoint, and its EMA where the run has one. */
export const weightChoice = (values: CommandCall['values']): WeightChoice => ({
  checkpoint: choiceOption(values, 'checkpoint', ['best', 'last'], 'best'),
  weights: textOption(values, 'weights') === undefined ? null : choiceOption(values, 'weights', ['ema', 'raw'], 'raw'),
});
