/**
 * How often the authors' scripts replay at each bandwidth (LeapLabTHU/EfficientTrain 2b9011c9,
 * `_ET_pp_wReplay_main_*`). There are scripts for DeiT-S and ResNet-50 (4, 2, 1) and for Swin-T and CSWin-T (2, 1, 1);
 * the other sizes of these families use the same numbers.
 */
import { AppError } from '../errors';
import type { StageConfig } from '../run-config';

/** replay_times at B = 96, at B = 160, and at larger ones, of a final size of 224 px. */
type ReplayTimes = readonly [number, number, number];

const PUBLISHED: readonly [RegExp, ReplayTimes][] = [
  [/^(deit|resnet)/, [4, 2, 1]],
  [/^c?swin/i, [2, 1, 1]],
];

/** Returns null where nothing is published for the model. @param model id */
export const publishedReplayTimes = (model: string): ReplayTimes | null =>
  PUBLISHED.find(([name]) => name.test(model))?.[1] ?? null;

/** Midpoints between the published bandwidths 96, 160 and 192, relative to the final size 224. */
const [SMALL, MIDDLE] = [128 / 224, 176 / 224];

/**
 * Sets for each stage what is published for the nearest bandwidth. @throws AppError usage where nothing is published
 * for the model
 */
export function withPublishedReplay(stages: readonly StageConfig[], size: number, model: string): StageConfig[] {
  const times = publishedReplayTimes(model);
  if (!times)
    throw new AppError({
      code: 'usage',
      what: `No replay is published for ${model}.`,
      why: 'The authors have scripts with it for DeiT, ResNet, Swin and CSWin only.',
      next: 'Set it by stage, for example --set schedule.stages.0.replay_times=2.',
      action: { id: 'set_by_stage' },
    });
  return stages.map((stage) => {
    const side = stage.bandwidth / size;
    return { ...stage, replay_times: times[side < SMALL ? 0 : side < MIDDLE ? 1 : 2] };
  });
}
