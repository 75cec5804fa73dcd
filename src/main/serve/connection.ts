/** One window's socket: hello first, then calls and topics. */
import type { Duplex } from 'node:stream';
import type { WebSocket } from 'ws';
import { z } from 'zod';
import type { Core } from '../services/core/core';
import { Answers } from './answers';
import type { Doorkeeper } from './doorkeeper';

const HELLO_MS = 10_000;
/**
 * Bytes that a socket may send before it is admitted: a hello is a hundred bytes, its frame and a repeated header a few
 * more.
 */
const LARGEST_HELLO = 4096;
const TOO_LONG = 'The first message of a window is too long.';
/** How long a refused socket may take to close. */
const GOODBYE_MS = 2000;
/** Two of these reveal a tunnel that has gone quiet. */
const BEAT_MS = 30_000;
/** With this many unsent bytes, a window gets changes later, and then only the last ones. */
const CROWDED_BYTES = 1 << 20;
const LATER_MS = 200;

const callSchema = z.strictObject({
  type: z.literal('call'),
  id: z.union([z.int(), z.string().min(1).max(100)]),
  name: z.string(),
  args: z.unknown(),
});

function parsed(data: unknown): unknown {
  try {
    return JSON.parse(String(data));
  } catch {
    return null;
  }
}

export class Connection {
  private admitted = false;
  private alive = true;
  /** The answers of its session, once it is admitted. */
  private answers = new Answers();
  private readonly late = new Map<string, unknown>();
  private readonly beat: NodeJS.Timeout;
  private readonly hello: NodeJS.Timeout;

  constructor(
    private readonly socket: WebSocket,
    raw: Duplex,
    private readonly core: Core,
    private readonly doorkeeper: Doorkeeper,
    private readonly onAdmitted: () => void,
  ) {
    this.hello = setTimeout(() => this.refuse('The first message of the window did not come.'), HELLO_MS);
    this.beat = setInterval(() => this.check(), BEAT_MS);
    this.beat.unref();
    let received = 0;
    // Bytes are counted as they arrive: a message announces its length, and would be collected up to the largest that a
    // window may send.
    raw.on('data', (bytes: Buffer) => {
      received += bytes.length;
      if (this.admitted || received <= LARGEST_HELLO) return;
      this.refuse(TOO_LONG, 1009);
      socket.pause();
    });
    socket.on('pong', () => (this.alive = true));
    socket.on('message', (data, binary) => {
      if (binary) this.refuse('Only text messages are understood.');
      else if (this.admitted) void this.answer(parsed(data));
      else if (String(data).length > LARGEST_HELLO) this.refuse(TOO_LONG, 1009);
      else this.greet(parsed(data));
    });
    socket.on('close', () => {
      clearTimeout(this.hello);
      clearInterval(this.beat);
    });
    // This is a broken frame or a lost connection; `close` follows.
    socket.on('error', () => undefined);
  }

  topic(topic: string, data: unknown): void {
    if (!this.admitted || this.socket.readyState !== this.socket.OPEN) return;
    if (this.socket.bufferedAmount < CROWDED_BYTES) return this.send({ type: 'topic', topic, data });
    if (!this.late.size) setTimeout(() => this.flush(), LATER_MS).unref();
    this.late.set(topic, data);
  }

  close(): void {
    this.socket.close(1001);
  }

  private flush(): void {
    const topics = [...this.late];
    this.late.clear();
    for (const [topic, data] of topics) this.topic(topic, data);
  }

  private greet(message: unknown): void {
    clearTimeout(this.hello);
    const admission = this.doorkeeper.admit(message);
    if ('refused' in admission) return this.refuse(admission.refused);
    this.admitted = true;
    this.answers = admission.answers;
    this.send({ type: 'welcome', session: admission.session });
    this.onAdmitted();
  }

  private async answer(message: unknown): Promise<void> {
    const call = callSchema.safeParse(message);
    if (!call.success) return this.refuse('This is no call.');
    const { id, name, args } = call.data;
    const make = async (): Promise<string> => JSON.stringify(await this.core.call(name, args));
    const reply = await this.answers.to(id, JSON.stringify([name, args]), make);
    this.sendText(`{"type":"reply","id":${JSON.stringify(id)},"reply":${reply}}`);
  }

  private refuse(why: string, code = 1008): void {
    if (this.socket.readyState !== this.socket.OPEN) return;
    this.send({ type: 'refused', why });
    this.socket.close(code);
    setTimeout(() => this.socket.terminate(), GOODBYE_MS).unref();
  }

  private send(message: unknown): void {
    this.sendText(JSON.stringify(message));
  }

  private sendText(text: string): void {
    if (this.socket.readyState === this.socket.OPEN) this.socket.send(text);
  }

  private check(): void {
    if (!this.alive) return this.socket.terminate();
    this.alive = false;
    this.socket.ping();
  }
}
