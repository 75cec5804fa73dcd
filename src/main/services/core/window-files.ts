/** Serves the window's files with their headers, the same for every shell. */
import { readFile } from 'node:fs/promises';
import { extname, join, resolve, sep } from 'node:path';
import { packedRoot } from '../../base/entry';

/** Allows nothing from anywhere else, no inline script or style, no eval. Pictures come as data. */
export const CONTENT_POLICY = [
  "default-src 'self'",
  "img-src 'self' data: blob:",
  "connect-src 'self'",
  "object-src 'none'",
  "base-uri 'none'",
  "form-action 'none'",
  "frame-ancestors 'none'",
].join('; ');

export const WINDOW_HEADERS: Readonly<Record<string, string>> = {
  'Content-Security-Policy': CONTENT_POLICY,
  'X-Content-Type-Options': 'nosniff',
  'Referrer-Policy': 'no-referrer',
  'X-Frame-Options': 'DENY',
  'Cross-Origin-Opener-Policy': 'same-origin',
  'Cross-Origin-Resource-Policy': 'same-origin',
  'Permissions-Policy': 'camera=(), microphone=(), geolocation=(), usb=(), serial=(), payment=()',
};

const TYPES: Readonly<Record<string, string>> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.jpg': 'image/jpeg',
  '.woff2': 'font/woff2',
  '.json': 'application/json',
};

export const windowFolder = (): string => join(packedRoot(), 'out', 'renderer');

export interface WindowFile {
  bytes: Buffer;
  headers: Record<string, string>;
}

/** Reads a file of the window. @param path of a URL, not decoded yet @returns null where the window has no such file */
export async function windowFile(path: string): Promise<WindowFile | null> {
  let name: string;
  try {
    name = decodeURIComponent(path);
  } catch {
    return null;
  }
  const folder = windowFolder();
  const file = resolve(folder, `.${name === '/' ? '/index.html' : name}`);
  const type = TYPES[extname(file)];
  if (!file.startsWith(folder + sep) || name.includes('\0') || !type) return null;
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'EISDIR', 'ENOTDIR'].includes(error.code ?? '')) return null;
    throw error;
  });
  // Names of assets contain their content's hash.
  const caching = name.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-store';
  return bytes && { bytes, headers: { ...WINDOW_HEADERS, 'Content-Type': type, 'Cache-Control': caching } };
}
