/** Answers some calls of the window in the host's place: with an error, or not before the test says so. */
import type { Page } from 'playwright-core';
import type { ErrorData } from '../../../src/shared/errors';

export interface Answers {
  /** Keeps calls of this name waiting. */
  hold: (name: string) => void;
  /** Fails calls of this name, those that wait as well. */
  fail: (name: string, error: ErrorData) => void;
  /** Lets calls through again. */
  release: (name: string) => void;
}

interface Call {
  type: string;
  id: string;
  name: string;
}

/** Takes effect when the page is loaded again. */
export async function answerCalls(page: Page): Promise<Answers> {
  const rules = new Map<string, ErrorData | 'hold'>();
  const waiting: { name: string; fail: (error: ErrorData) => void }[] = [];
  await page.routeWebSocket(/\/socket$/, (socket) => {
    const host = socket.connectToServer();
    socket.onMessage((message) => {
      const { type, id, name } = JSON.parse(String(message)) as Call;
      const rule = type === 'call' ? rules.get(name) : undefined;
      const fail = (error: ErrorData): void =>
        socket.send(JSON.stringify({ type: 'reply', id, reply: { ok: false, error } }));
      if (rule === undefined) host.send(message);
      else if (rule === 'hold') waiting.push({ name, fail });
      else fail(rule);
    });
  });
  return {
    hold: (name) => rules.set(name, 'hold'),
    fail(name, error) {
      rules.set(name, error);
      for (const call of waiting) if (call.name === name) call.fail(error);
    },
    release: (name) => rules.delete(name),
  };
}
