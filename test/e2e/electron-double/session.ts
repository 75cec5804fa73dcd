/** `protocol` and `session`: schemes of the program's own, and what pages may do. */
import { EventEmitter } from 'node:events';

type Answer = (request: Request) => Response | Promise<Response>;
type BeforeRequest = (details: { url: string }, decide: (answer: { cancel?: boolean }) => void) => void;
type PermissionRequest = (contents: unknown, permission: string, decide: (granted: boolean) => void) => void;

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
  /** Kept so that tests can ask it: this Chromium has no hook for it. */
  permissionRequest: PermissionRequest | null = null;
  permissionCheck: ((contents: unknown, permission: string) => boolean) | null = null;
  private beforeRequest: BeforeRequest | null = null;

  readonly webRequest = {
    onBeforeRequest: (listener: BeforeRequest): void => {
      this.beforeRequest = listener;
    },
  };

  setPermissionRequestHandler(handler: PermissionRequest | null): void {
    this.permissionRequest = handler;
  }

  setPermissionCheckHandler(handler: ((contents: unknown, permission: string) => boolean) | null): void {
    this.permissionCheck = handler;
  }

  setDevicePermissionHandler(): void {}

  /** Of the double alone: what the program says to a request. */
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

/** Without these an address of the scheme has no origin, and its page can load no script. */
export function isStandard(scheme: string): boolean {
  const { standard = false, secure = false } = schemes.get(scheme) ?? {};
  return standard && secure;
}
