/**
 * The transport of a window in a browser: one WebSocket. The token of the printed address is exchanged for a session of
 * this window, which is kept in sessionStorage, so that a reload or a lost tunnel reconnects without the terminal. A
 * call without a reply is sent again under its own id, by which the program recognises one that it has made already.
 */
import type { CallName, Reply, Topic } from '../../shared/contract';
import type { ErrorData } from '../../shared/errors';
import { LARGEST_MESSAGE } from '../../shared/largest-message';
import type { Transport } from './transport';

type Incoming =
  | { type: 'welcome'; session: string }
  | { type: 'refused'; why: string }
  | { type: 'reply'; id: string; reply: Reply<CallName> }
  | { type: 'topic'; topic: string; data: unknown };

/** Topics that say that something may have changed. A message is lost while the connection is. */
const CHANGES = ['store', 'jobs', 'settings', 'troubles'] as const satisfies readonly Topic[];
const SESSION = 'efficienttrain.session';
const RETRY_MS = 1000;

const TOO_LARGE: ErrorData = {
  code: 'usage',
  what: 'This is too large to be sent to the program at once.',
  why: `A message of the window holds at most ${LARGEST_MESSAGE / 2 ** 20} MB, as text.`,
  next: 'Choose fewer or smaller files.',
};

/**
 * Identifies a page: a reloaded one has the same session, but other calls. randomUUID is not used, because it needs a
 * secure context.
 */
const newPage = (): string =>
  Array.from(crypto.getRandomValues(new Uint32Array(4)), (word) => word.toString(36)).join('');

export class SocketTransport implements Transport {
  private socket: WebSocket | null = null;
  private ready = false;
  /** Whether an earlier connection was welcomed. */
  private known = false;
  private readonly page = newPage();
  private next = 0;
  private readonly waiting = new Map<string, { message: string; settle: (reply: Reply<CallName>) => void }>();
  private topicListener: (topic: string, data: unknown) => void = () => undefined;
  private stateListener: (connected: boolean, why: string | null) => void = () => undefined;
  private token = /^#token=([\w-]+)$/.exec(location.hash)?.[1] ?? null;

  constructor() {
    // The first hello uses up the token, so it doesn't belong into the history.
    if (this.token) history.replaceState(null, '', `${location.pathname}#/`);
    this.connect();
  }

  call(name: string, args: unknown): Promise<Reply<CallName>> {
    const id = `${this.page}-${++this.next}`;
    const message = JSON.stringify({ type: 'call', id, name, args });
    // The host would close the socket, and the call would be sent again over the next one.
    if (new Blob([message]).size > LARGEST_MESSAGE) return Promise.resolve({ ok: false, error: TOO_LARGE });
    return new Promise((settle) => {
      this.waiting.set(id, { message, settle });
      if (this.ready) this.socket?.send(message);
    });
  }

  onTopic(listener: (topic: string, data: unknown) => void): void {
    this.topicListener = listener;
  }

  onState(listener: (connected: boolean, why: string | null) => void): void {
    this.stateListener = listener;
  }

  private connect(): void {
    const socket = new WebSocket(`${location.protocol === 'https:' ? 'wss' : 'ws'}://${location.host}/socket`);
    this.socket = socket;
    socket.onopen = () => socket.send(JSON.stringify({ type: 'hello', ...this.credentials() }));
    socket.onmessage = ({ data }) => this.received(JSON.parse(data as string) as Incoming);
    socket.onclose = () => {
      this.ready = false;
      this.stateListener(false, null);
      setTimeout(() => this.connect(), RETRY_MS);
    };
  }

  private credentials(): { token: string } | { session: string } {
    return this.token ? { token: this.token } : { session: sessionStorage.getItem(SESSION) ?? '' };
  }

  private received(message: Incoming): void {
    if (message.type === 'welcome') {
      sessionStorage.setItem(SESSION, message.session);
      this.token = null;
      this.ready = true;
      this.stateListener(true, null);
      for (const { message: unsent } of this.waiting.values()) this.socket?.send(unsent);
      if (this.known) for (const topic of CHANGES) this.topicListener(topic, { cursor: 0 });
      this.known = true;
    } else if (message.type === 'reply') {
      this.waiting.get(message.id)?.settle(message.reply);
      this.waiting.delete(message.id);
    } else if (message.type === 'topic') this.topicListener(message.topic, message.data);
    else this.stateListener(false, message.why);
  }
}
