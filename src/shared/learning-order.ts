/** Finds at which of a run's stages validation images were learned. Pure. */

export interface LearnedStage {
  /** Index of the stage. */
  stage: number;
  bandwidth: number;
  /** Finished steps at the stage's last evaluation. */
  step: number;
  /**
   * Number of images that are right in this evaluation and in those of all later stages, and wrong in that of the stage
   * before.
   */
  count: number;
}

/** Stages that share a bandwidth, or, with a `bandwidth` of null, the images that are wrong in the last evaluation. */
export interface LearnedGroup {
  bandwidth: number | null;
  count: number;
}

/** Groups the counts of stages, in the order of the stages; images never learned come last. */
export function learnedGroups(
  stages: readonly Pick<LearnedStage, 'bandwidth'>[],
  counts: readonly number[],
): LearnedGroup[] {
  const byBandwidth = new Map<number, number>();
  stages.forEach(({ bandwidth }, index) => {
    byBandwidth.set(bandwidth, (byBandwidth.get(bandwidth) ?? 0) + (counts[index] ?? 0));
  });
  return [
    ...Array.from(byBandwidth, ([bandwidth, count]) => ({ bandwidth, count })),
    { bandwidth: null, count: counts[stages.length] ?? 0 },
  ];
}
