/** The parts of a dataset, in the order in which they are shown. */
export const SPLITS = ['train', 'val', 'test'] as const;

export type Split = (typeof SPLITS)[number];
