/** How an export calls its parameters: as timm does, or as the code of the model's authors where that differs. */
export const EXPORT_NAMES = ['timm', 'official'] as const;

export type ExportNames = (typeof EXPORT_NAMES)[number];
