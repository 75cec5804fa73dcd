import type { OfficialNames } from '../official-names';

/** timm has no CSWin, so the names used here are its authors'. */
export const names: OfficialNames = {
  family: 'cswin',
  source: 'microsoft/CSWin-Transformer',
  official: (name) => name,
};
