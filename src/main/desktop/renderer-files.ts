/** Serves the window's own files under app://studio, and nothing else. */
import { protocol, type Session } from 'electron';
import { WINDOW_HEADERS, windowFile } from '../services/core/window-files';
import { isOwn, SCHEME } from './origin';

async function answer({ url, method }: Request): Promise<Response> {
  const file = method === 'GET' && isOwn(url) ? await windowFile(new URL(url).pathname) : null;
  if (file) return new Response(new Uint8Array(file.bytes), { headers: file.headers });
  return new Response('Not found', { status: 404, headers: { ...WINDOW_HEADERS, 'Content-Type': 'text/plain' } });
}

/** Registers the scheme before the program is ready: an origin of its own, as secure as https. */
export const registerScheme = (): void =>
  protocol.registerSchemesAsPrivileged([
    { scheme: SCHEME, privileges: { standard: true, secure: true, supportFetchAPI: true, codeCache: true } },
  ]);

export const serveRenderer = ({ protocol: own }: Session): void => own.handle(SCHEME, answer);
