/** `protocol` and `session`: schemes of the program's own, and permissions of pages. */
import { EventEmitter } from 'node:events';

type Answer = (request: Request) => Response | Promise<Response>;
type BeforeRequest = (details: { url: string }, decide: (answer: { cancel?: boolean }) => void) => void;
type PermissionRequest = (
  contents: unknown,
  permission: string,
  decide: (granted: boolean) => void,
  details: { requestingUrl: string },
) => void;
type PermissionCheck = (contents: unknown, permission: string, origin: string) => boolean;

interface Privileges {
  standard?: boolean;
  secure?: boolean;
}

class Protocol {
  readonly answers = new Map<string, Answer>();

  handle(scheme: string, answer: Answer): void {
    if (this.answers.has(scheme)) throw new Error(`${scheme} is handled already`);
    this.answers.set(scheme, answer);
  }
}

class Session extends EventEmitter {
  readonly protocol = new Protocol();
  /** Tests call these handlers directly, because this Chromium has no hook for them. */
  permissionRequest: PermissionRequest | null = null;
  permissionCheck: PermissionCheck | null = null;
  private beforeRequest: BeforeRequest | null = null;

  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest): void => {
      this.beforeRequest = listener;
    },
  };

  setPermissionRequestHandler(handler: PermissionRequest | null): void {
    this.permissionRequest = handler;
  }

  setPermissionCheckHandler(handler: PermissionCheck | null): void {
    this.permissionCheck = handler;
  }

  setDevicePermissionHandler(): void {}

  /** Says whether the program cancels a request; Electron has no such function. */
  cancels(url: string): boolean {
    let cancelled = false;
    this.beforeRequest?.({ url }, ({ cancel = false }) => (cancelled = cancel));
    return cancelled;
  }
}

export const session = { defaultSession: new Session() };

const schemes = new Map<string, Privileges>();

export const protocol = {
  registerSchemesAsPrivileged(list: { scheme: string; privileges: Privileges }[]): void {
    for (const { scheme, privileges } of list) schemes.set(scheme, privileges);
  },
  handle: (scheme: string, answer: Answer): void => session.defaultSession.protocol.handle(scheme, answer),
};

/**
 * Says whether a scheme has these privileges. Without them its addresses have no origin, and their pages can load no
 * script.
 */
export function isStandard(scheme: string): boolean {
  const { standard = false, secure = false } = schemes.get(scheme) ?? {};
  return standard && secure;
}
