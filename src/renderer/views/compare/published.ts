/** Rows of the papers, shown beside runs of the same family of models. */
import type { Result } from '../../../shared/contract';

export type Published = Result<'compare.published'>[number];

/**
 * Returns the family: resnet_micro, resnet50 and ResNet-50 are one; so are ViT-B and a masked autoencoder's
 * mae_vit_base.
 */
export const familyOf = (model: string): string => /^[a-z]+/.exec(model.toLowerCase().replace(/^mae_/, ''))?.[0] ?? '';

export function publishedFor(rows: readonly Published[], models: readonly string[]): Published[] {
  const families = new Set(models.map(familyOf));
  return rows.filter(({ model }) => families.has(familyOf(model)));
}
