/**
 * Layers of a network of `stages.<i>.blocks.<j>`, whose stages but the first begin with `stages.<i>.downsample`: the
 * stem, then each block. What shrinks a map belongs to the block behind it, as timm counts ConvNeXt.
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
