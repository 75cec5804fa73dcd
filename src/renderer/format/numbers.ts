/** Formats numbers for reading: 3-4 significant digits, units always, tabular. Exact values belong into a title. */
const grouped = new Intl.NumberFormat('en', { maximumFractionDigits: 0 });

/** Formats 1,284. */
export const integer = (value: number): string => grouped.format(value);

/** Formats 0.7143 as 71.4 %. */
export const percent = (value: number | null | undefined, digits = 1): string =>
  value === null || value === undefined || !Number.isFinite(value) ? '–' : `${(100 * value).toFixed(digits)} %`;

/** Formats significant digits; very small and very large numbers as 3.2e-4. */
export function significant(value: number | null | undefined, digits = 4): string {
  if (value === null || value === undefined || !Number.isFinite(value)) return '–';
  if (value === 0) return '0';
  const size = Math.abs(value);
  if (size < 1e-3 || size >= 1e7) return value.toExponential(Math.max(digits - 2, 1));
  if (size >= 1000) return integer(value);
  return String(Number(value.toPrecision(digits)));
}

/** Formats 3.2e-4, always in this form. */
export const rate = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : value.toExponential(1);

const SIZES = ['B', 'kB', 'MB', 'GB', 'TB'];

/** Formats in decimal units, as disks are sold. */
export function bytes(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–';
  const step = Math.min(Math.floor(Math.log10(Math.max(value, 1)) / 3), SIZES.length - 1);
  const scaled = value / 1000 ** step;
  return `${step === 0 ? scaled : Number(scaled.toPrecision(3))} ${SIZES[step]}`;
}

/** Formats 1,284 img/s. */
export const throughput = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${significant(value, 3)} img/s`;

/** Formats 2.1x. */
export const times = (value: number | null | undefined): string =>
  value === null || value === undefined ? '–' : `${value.toFixed(value < 10 ? 2 : 1)}×`;

/** Signs a delta: +1.2, −0.4 with a real minus. */
export const signed = (text: string, value: number): string =>
  value > 0 ? `+${text}` : value < 0 ? `−${text.replace(/^[-−]/, '')}` : `±${text}`;
