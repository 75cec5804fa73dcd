import type { OfficialNames } from '../official-names';

/** timm has no CSWin: the names that its authors give are those used here. */
export const names: OfficialNames = {
  family: 'cswin',
  source: 'microsoft/CSWin-Transformer',
  official: (name) => name,
};
