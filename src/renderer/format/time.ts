/** Durations and moments, in the window's language. */
import { i18n } from '../i18n';

const t = (key: string, values: Record<string, unknown> = {}): string => i18n.global.t(key, values);

/** Formats 45 s, 3 min 5 s, 2 h 14 min, 3 d 4 h. */
export function duration(seconds: number | null | undefined): string {
  if (seconds === null || seconds === undefined || !Number.isFinite(seconds)) return '–';
  const whole = Math.max(Math.round(seconds), 0);
  const [d, h, m, s] = [
    Math.floor(whole / 86_400),
    Math.floor(whole / 3600) % 24,
    Math.floor(whole / 60) % 60,
    whole % 60,
  ];
  if (d) return t('time.d_h', { d, h });
  if (h) return t('time.h_m', { h, m });
  if (m >= 10) return t('time.m', { m });
  if (m) return t('time.m_s', { m, s });
  return t('time.s', { s });
}

/** Rounds to one unit, because an estimate is no more precise. */
function rough(seconds: number): string {
  if (seconds < 60) return t('time.s', { s: Math.max(Math.round(seconds), 0) });
  if (seconds < 100 * 60) return t('time.m', { m: Math.round(seconds / 60) });
  if (seconds < 48 * 3600) return t('time.h', { h: Number((seconds / 3600).toFixed(1)) });
  return t('time.d', { d: Number((seconds / 86_400).toFixed(1)) });
}

/** Formats "about 12 min", "about 3.5 h"; a dash until the estimate is stable. */
export const about = (seconds: number | null | undefined): string =>
  seconds === null || seconds === undefined || !Number.isFinite(seconds)
    ? '–'
    : t('time.about', { duration: rough(seconds) });

/** Formats "4 min ago"; the absolute time belongs into a title. */
export function ago(iso: string | null | undefined, now = Date.now()): string {
  if (!iso) return '–';
  const seconds = (now - Date.parse(iso)) / 1000;
  if (seconds < 45) return t('time.just_now');
  const minutes = Math.round(seconds / 60);
  return t('time.ago', { duration: minutes < 60 ? t('time.m', { m: minutes }) : duration(seconds) });
}

/** Formats 2026-11-24 15:04. */
export function absolute(iso: string | null | undefined): string {
  if (!iso) return '';
  const at = new Date(iso);
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())} ${two(at.getHours())}:${two(at.getMinutes())}`;
}

/** Formats 2026-11-24 15:04:09. */
export const moment = (iso: string): string =>
  `${absolute(iso)}:${String(new Date(iso).getSeconds()).padStart(2, '0')}`;
