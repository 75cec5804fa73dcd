/**
 * Lists the layers of a network of `stages.<i>.blocks.<j>` whose stages, except the first, begin with
 * `stages.<i>.downsample`: the stem, then each block. A down-sampling belongs to the block after it, as timm counts
 * ConvNeXt.
 */
export function stageLayers(depths: readonly number[]): string[][] {
  const blocks = depths.flatMap((depth, stage) =>
    Array.from({ length: depth }, (_, at) => [
      ...(at === 0 && stage > 0 ? [`stages.${stage}.downsample`] : []),
      `stages.${stage}.blocks.${at}`,
    ]),
  );
  return [['stem'], ...blocks];
}
