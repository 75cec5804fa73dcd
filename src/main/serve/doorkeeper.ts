/**
 * Decides which windows are admitted: the token of the printed address works once, for a session that lives as long as
 * this process.
 */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { Answers } from './answers';

const secret = (): string => randomBytes(32).toString('base64url');
const digest = (text: string): Buffer => createHash('sha256').update(text).digest();
const same = (a: string, b: string): boolean => timingSafeEqual(digest(a), digest(b));

/** A session's answers outlive its socket, because a window reconnects by another one. */
export type Admission = { session: string; answers: Answers } | { refused: string };

export class Doorkeeper {
  private readonly tokens = new Set<string>();
  private readonly sessions = new Map<string, Answers>();

  /** Makes a token for one more window. */
  newToken(): string {
    const token = secret();
    this.tokens.add(token);
    return token;
  }

  /** Admits a window. @param hello the first message of a socket, as it came */
  admit(hello: unknown): Admission {
    const { token, session } = (typeof hello === 'object' && hello !== null ? hello : {}) as Record<string, unknown>;
    if (typeof token === 'string') {
      const known = [...this.tokens].find((candidate) => same(candidate, token));
      if (known === undefined)
        return {
          refused:
            'The address was used already, or belongs to an earlier start. Take the one that is printed in the terminal now.',
        };
      this.tokens.delete(known);
      const granted = secret();
      const answers = new Answers();
      this.sessions.set(granted, answers);
      return { session: granted, answers };
    }
    if (typeof session === 'string') {
      const known = [...this.sessions].find(([candidate]) => same(candidate, session));
      if (known) return { session: known[0], answers: known[1] };
    }
    return { refused: 'Open the address that is printed in the terminal: it lets one window in.' };
  }
}
