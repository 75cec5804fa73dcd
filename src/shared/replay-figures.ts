/** Computes how much the replay buffer has saved, from the stages' counts. Pure. */
export interface ReplayedStage {
  replay_times: number;
  /** Number of images trained on. */
  images: number;
  /** Number of them that were decoded from files. */
  images_decoded: number;
  /** Seconds from step to step, without evaluations and checkpoints. */
  seconds: number;
  /** Seconds in which the device waited for images. */
  loader_seconds: number;
}

export interface ReplayFigures {
  images: number;
  decoded: number;
  replayed: number;
  /** Share of the images that needed no load. */
  saved: number;
  /** Share of the time in which the device waited for images. */
  waiting: number;
}

/** Returns the figures of some stages together; zeros before they have a step. */
export function replayFigures(stages: readonly ReplayedStage[]): ReplayFigures {
  const sum = (part: 'images' | 'images_decoded' | 'seconds' | 'loader_seconds'): number =>
    stages.reduce((total, stage) => total + stage[part], 0);
  const [images, decoded, seconds] = [sum('images'), sum('images_decoded'), sum('seconds')];
  // A resumed run makes the images that it draws again, so a first step can decode more than it trains on.
  const replayed = Math.max(images - decoded, 0);
  return {
    ...{ images, decoded, replayed },
    saved: images ? replayed / images : 0,
    waiting: seconds ? Math.min(sum('loader_seconds') / seconds, 1) : 0,
  };
}
