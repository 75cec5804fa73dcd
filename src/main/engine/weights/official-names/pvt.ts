import type { OfficialNames } from '../official-names';

/** timm does not have the first version, so its authors' names are the only ones. */
export const names: OfficialNames = { family: 'pvt', source: 'whai362/PVT', official: (name) => name };
