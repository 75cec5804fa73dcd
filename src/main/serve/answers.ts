/**
 * Calls of one session that were answered or are being answered, by their id. A window whose tunnel broke sends again
 * what it has no reply to; the call may have been made all the same, and `plans.start` made twice would be two runs. So
 * a call that is known is not made again.
 */
/** Far more than a window has under way at once. */
const REMEMBERED = 256;
/** What changes something answers briefly. A longer answer was only read, and may be read again. */
const LONGEST_REPLY = 64 * 1024;

export type CallId = string | number;

interface Answer {
  /** The whole call: under the same id a window that counts anew may ask for something else. */
  call: string;
  /** As JSON. */
  reply: Promise<string>;
  settled: boolean;
}

export class Answers {
  private readonly known = new Map<CallId, Answer>();

  /** @param call name and arguments as text @param make makes the call; not called for one that is known */
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

  /** The oldest first, and never one that is still being answered. */
  private forget(): void {
    for (const [id, { settled }] of this.known) {
      if (this.known.size <= REMEMBERED) return;
      if (settled) this.known.delete(id);
    }
  }
}
