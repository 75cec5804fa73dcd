import { metricOf } from '../../shared/metrics';
import { escapeControls } from '../../shared/printable';

/** Formats numbers and tables for people: units always, three to four significant digits. */
export const NONE = '-';

export function significant(value: number, digits = 4): string {
  if (!Number.isFinite(value)) return String(value);
  const size = Math.abs(value);
  if (size >= 10 ** digits) return Math.round(value).toLocaleString('en');
  if (size !== 0 && size < 1e-3) return value.toExponential(Math.max(digits - 3, 1));
  return String(Number(value.toPrecision(digits)));
}

/** Formats a value of a metric or series in its unit. */
export function metricText(name: string, value: number | null): string {
  if (value === null) return NONE;
  const { unit } = metricOf(name);
  if (unit === 'fraction') return percent(value);
  return significant(value) + (unit === '' || unit === 'count' ? '' : ` ${unit}`);
}

export const percent = (fraction: number | null | undefined): string =>
  fraction === null || fraction === undefined ? NONE : `${(100 * fraction).toFixed(1)} %`;

/** Formats seconds as 2 h 14 min, 3 min 20 s, 4.2 s. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return NONE;
  if (seconds < 10) return `${seconds.toFixed(1)} s`;
  const whole = Math.round(seconds);
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60)];
  if (hours) return `${hours} h ${minutes} min`;
  return minutes ? `${minutes} min ${whole % 60} s` : `${whole} s`;
}

/** Formats seconds as 0:09, 3:20, 2:14:00. */
export function clock(seconds: number | null): string {
  if (seconds === null || !Number.isFinite(seconds)) return NONE;
  const whole = Math.round(seconds);
  const parts = [Math.floor(whole / 3600), Math.floor((whole % 3600) / 60), whole % 60];
  return parts
    .slice(parts[0] ? 0 : 1)
    .map((part, index) => (index ? String(part).padStart(2, '0') : String(part)))
    .join(':');
}

export function bytes(value: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB'];
  let [size, unit] = [value, 0];
  while (size >= 1000 && unit < units.length - 1) [size, unit] = [size / 1000, unit + 1];
  return `${significant(size, 3)} ${units[unit]}`;
}

/** Aligns columns to their widest cell, numbers to the right. */
export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const shown = rows.map((row) => row.map(escapeControls));
  const all = [head, ...shown];
  const widths = head.map((_, column) => Math.max(...all.map((row) => [...(row[column] ?? '')].length)));
  const numeric = head.map(
    (_, column) =>
      rows.length > 0 && shown.every((row) => /^[-+~]?[\d.,]+(e[-+]?\d+)?( [%a-zA-Zµ]+)*$|^-$/.test(row[column] ?? '')),
  );
  const line = (row: readonly string[]): string =>
    row
      .map((cell, column) =>
        numeric[column] ? cell.padStart(widths[column] as number) : cell.padEnd(widths[column] as number),
      )
      .join('  ')
      .trimEnd();
  return [line(head), widths.map((width) => '─'.repeat(width)).join('  '), ...shown.map(line)].join('\n');
}

/** Draws a bar of `width` cells. */
export function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(Math.max(share, 0), 1) * width * 8);
  const partial = ' ▏▎▍▌▋▊▉'[eighths % 8] as string;
  const full = '█'.repeat(Math.floor(eighths / 8));
  return `${full}${eighths % 8 ? partial : ''}`.padEnd(width, '·').slice(0, width);
}
