/**
 * Remembers the calls of one session, by their id. A window whose tunnel broke sends calls without a reply again,
 * although they may have been made: `plans.start` made twice would be two runs. A known call is therefore not made
 * again.
 */
/** Far more than a window has under way at once. */
const REMEMBERED = 256;
/** A call that changes something has a short reply. A longer one only read, and may be repeated. */
const LONGEST_REPLY = 64 * 1024;

export type CallId = string | number;

interface Answer {
  /** The whole call: a window that starts counting again may use the same id for another one. */
  call: string;
  /** The reply as JSON. */
  reply: Promise<string>;
  settled: boolean;
}

export class Answers {
  private readonly known = new Map<CallId, Answer>();

  /**
   * Returns the reply. @param call name and arguments as text @param make makes the call; not called for a known one
   */
  async to(id: CallId, call: string, make: () => Promise<string>): Promise<string> {
    const before = this.known.get(id);
    if (before?.call === call) return before.reply;
    const answer: Answer = { call, reply: make(), settled: false };
    this.known.delete(id);
    this.known.set(id, answer);
    const reply = await answer.reply;
    answer.settled = true;
    if (reply.length > LONGEST_REPLY && this.known.get(id) === answer) this.known.delete(id);
    this.forget();
    return reply;
  }

  /** Forgets the oldest first, and never one that is still being answered. */
  private forget(): void {
    for (const [id, { settled }] of this.known) {
      if (this.known.size <= REMEMBERED) return;
      if (settled) this.known.delete(id);
    }
  }
}
