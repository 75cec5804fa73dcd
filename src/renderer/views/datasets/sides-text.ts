import { integer } from '../../format/numbers';

/** Formats the shortest and longest side over all images; one number where they are equal. */
export function sidesText(
  t: (key: string, values: Record<string, unknown>) => string,
  { smallest, largest }: { smallest: number; largest: number },
): string {
  return smallest === largest
    ? t('datasets.fact_sizes_one', { size: integer(smallest) })
    : t('datasets.fact_sizes_value', { smallest: integer(smallest), largest: integer(largest) });
}
