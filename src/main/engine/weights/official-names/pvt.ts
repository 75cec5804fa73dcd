import type { OfficialNames } from '../official-names';

/** The first version is not in timm: its authors' names are the only ones. */
export const names: OfficialNames = { family: 'pvt', source: 'whai362/PVT', official: (name) => name };
