/**
 * Labels a time axis with the units that are not zero, so that none says "2 h 0 min" and two neighbours never say the
 * same.
 */
import { i18n } from '../i18n';

const UNITS = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const;

/** Formats 45 s, 3 min, 2 h, 2 h 30 min. */
export function timeTick(seconds: number): string {
  let left = Number(seconds.toFixed(3));
  const parts: string[] = [];
  for (const [unit, size] of UNITS) {
    const count = size === 1 ? Number(left.toFixed(3)) : Math.floor(left / size);
    left -= count * size;
    if (count > 0) parts.push(i18n.global.t(`charts.tick_${unit}`, { count }));
  }
  return parts.join(' ') || '0';
}
