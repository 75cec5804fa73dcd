/** Naming of an export's parameters: timm's, or that of the model authors' code where it differs. */
export const EXPORT_NAMES = ['timm', 'official'] as const;

export type ExportNames = (typeof EXPORT_NAMES)[number];
