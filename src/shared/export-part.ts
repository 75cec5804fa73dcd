/** Parts of a network that can be exported. Only a masked autoencoder has more than one. */
export const EXPORT_PARTS = ['encoder', 'all'] as const;

/** `encoder`: the part that returns logits or features. `all`: the decoder of a masked autoencoder as well. */
export type ExportPart = (typeof EXPORT_PARTS)[number];

/** Formats that can hold a decoder, as their own files say (test/export/mae.test.ts). */
const WHOLE: readonly string[] = ['safetensors'];

/** Returns the parts of a masked autoencoder that a format can hold. */
export const partsOfFormat = (format: string): readonly ExportPart[] =>
  WHOLE.includes(format) ? EXPORT_PARTS : ['encoder'];
