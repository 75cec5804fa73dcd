/**
 * Forbids every page in this program to leave, open windows or reach a network. The window's own page may write text to
 * the clipboard; it has no other permission.
 */
import { app, type Session, type WebContents } from 'electron';
import { isOwn, SCHEME } from './origin';

/** Permission that navigator.clipboard.writeText needs; reading the clipboard is another one. */
const COPY = 'clipboard-sanitized-write';
const OFFLINE = ['data:', 'blob:', 'devtools:', `${SCHEME}:`];

function hardenContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    // A reload is a navigation to the same address.
    if (!isOwn(event.url)) event.preventDefault();
  });
  contents.on('will-redirect', (event) => event.preventDefault());
  contents.on('will-frame-navigate', (event) => {
    if (!event.isMainFrame) event.preventDefault();
  });
  contents.on('will-attach-webview', (event) => event.preventDefault());
  contents.setWindowOpenHandler(() => ({ action: 'deny' }));
}

/** Call it before the program is ready. */
export function hardenProgram(): void {
  app.enableSandbox();
  // Electron's own services look up names at times; this program needs none.
  app.commandLine.appendSwitch('host-resolver-rules', 'MAP * ~NOTFOUND');
  app.on('web-contents-created', (_event, contents) => hardenContents(contents));
}

export function hardenSession(session: Session): void {
  session.setPermissionRequestHandler((_contents, permission, decide, { requestingUrl }) =>
    decide(permission === COPY && isOwn(requestingUrl)),
  );
  session.setPermissionCheckHandler((_contents, permission, origin) => permission === COPY && isOwn(origin));
  session.setDevicePermissionHandler(() => false);
  session.on('will-download', (event, item) => {
    // Charts and tables are saved from blob: and data: addresses; there is nothing else to download.
    if (!/^(blob|data):/.test(item.getURL())) event.preventDefault();
  });
  session.webRequest.onBeforeRequest(({ url }, decide) =>
    decide({ cancel: !OFFLINE.some((scheme) => url.startsWith(scheme)) }),
  );
}
