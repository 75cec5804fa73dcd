/** Names of a network's parts, by default timm's for ConvNeXt. */
export interface StageNames {
  stem: string;
  stage: string;
  /** What belongs to the last block beside its own. Default: nothing. */
  last?: string;
}

/**
 * Lists the layers of a network of `stages.<i>.blocks.<j>` whose stages, except the first, begin with
 * `stages.<i>.downsample`: the stem, then each block. A down-sampling belongs to the block after it, as timm counts
 * ConvNeXt and Swin.
 */
export function stageLayers(
  depths: readonly number[],
  { stem, stage: name, last }: StageNames = { stem: 'stem', stage: 'stages' },
): string[][] {
  const blocks = depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, at) => [
      ...(at === 0 && stage > 0 ? [`${name}.${stage}.downsample`] : []),
      `${name}.${stage}.blocks.${at}`,
    ]),
  );
  if (last !== undefined) blocks.at(-1)?.push(last);
  return [[stem], ...blocks];
}
