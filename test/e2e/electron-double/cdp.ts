/** Chrome's debugging protocol over one WebSocket: commands by session, events by session. */
import { EventEmitter } from 'node:events';

export type Params = Record<string, unknown>;

interface Message {
  id?: number;
  method?: string;
  params?: Params;
  sessionId?: string;
  result?: Params;
  error?: { message: string };
}

export class Cdp {
  private readonly socket: WebSocket;
  private next = 0;
  private readonly waiting = new Map<number, { resolve: (result: Params) => void; reject: (error: Error) => void }>();
  private readonly sessions = new Map<string, EventEmitter>();
  readonly closed: Promise<void>;

  private constructor(socket: WebSocket) {
    this.socket = socket;
    socket.addEventListener('message', ({ data }) => this.received(JSON.parse(String(data)) as Message));
    this.closed = new Promise((resolve) => {
      socket.addEventListener('close', () => {
        for (const { reject } of this.waiting.values()) reject(new Error('the browser has gone'));
        this.waiting.clear();
        resolve();
      });
    });
  }

  static connect(url: string): Promise<Cdp> {
    const socket = new WebSocket(url);
    return new Promise((resolve, reject) => {
      socket.addEventListener('open', () => resolve(new Cdp(socket)), { once: true });
      socket.addEventListener('error', () => reject(new Error(`no answer at ${url}`)), { once: true });
    });
  }

  send(method: string, params: Params = {}, sessionId?: string): Promise<Params> {
    const id = ++this.next;
    this.socket.send(JSON.stringify({ id, method, params, sessionId }));
    return new Promise((resolve, reject) => {
      this.waiting.set(id, { resolve, reject: (error) => reject(new Error(`${method}: ${error.message}`)) });
    });
  }

  /** Returns the events of a session, or those of the browser itself. */
  events(sessionId = ''): EventEmitter {
    const known = this.sessions.get(sessionId) ?? new EventEmitter();
    this.sessions.set(sessionId, known);
    return known;
  }

  private received({ id, method, params = {}, sessionId = '', result = {}, error }: Message): void {
    if (method !== undefined) {
      this.sessions.get(sessionId)?.emit(method, params);
      return;
    }
    const waiting = this.waiting.get(id ?? 0);
    this.waiting.delete(id ?? 0);
    if (error) waiting?.reject(new Error(error.message));
    else waiting?.resolve(result);
  }
}
