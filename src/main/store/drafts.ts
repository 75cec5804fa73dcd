/** The table `drafts`: runs that are being designed. */
import { randomBytes } from 'node:crypto';
import type { z } from 'zod';
import { AppError } from '../../shared/errors';
import type { DraftBody, draftSchema } from '../../shared/contract/drafts';
import { fromJson } from './json-column';
import type { Store } from './open';

export type Draft = z.infer<typeof draftSchema>;

/** A row of `drafts`: the body is JSON. */
interface DraftRow extends Omit<Draft, 'body'> {
  body: string;
}

const fromRow = (row: DraftRow): Draft => ({ ...row, body: fromJson<DraftBody>(row.body) });

const gone = (id: string): AppError =>
  new AppError({
    code: 'not_found',
    what: `There is no draft ${id}.`,
    why: 'It was started as a run or removed.',
    next: 'Start a new one.',
  });

/** Returns the drafts, last changed first. */
export const listDrafts = (store: Store): Draft[] =>
  store.prepare<[], DraftRow>('SELECT * FROM drafts ORDER BY updated DESC').all().map(fromRow);

/** Returns a draft. @throws AppError not_found */
export function draftById(store: Store, id: string): Draft {
  const row = store.prepare<[string], DraftRow>('SELECT * FROM drafts WHERE id = ?').get(id);
  if (!row) throw gone(id);
  return fromRow(row);
}

export function createDraft(store: Store, body: DraftBody): Draft {
  const now = new Date().toISOString();
  const draft: Draft = { id: randomBytes(5).toString('hex'), created: now, updated: now, body };
  store
    .prepare('INSERT INTO drafts (id, created, updated, body) VALUES (?, ?, ?, ?)')
    .run(draft.id, now, now, JSON.stringify(body));
  return draft;
}

/** Saves a draft. @throws AppError not_found where it was started or removed meanwhile */
export function saveDraft(store: Store, id: string, body: DraftBody): void {
  const { changes } = store
    .prepare('UPDATE drafts SET body = ?, updated = ? WHERE id = ?')
    .run(JSON.stringify(body), new Date().toISOString(), id);
  if (!changes) throw gone(id);
}

export const removeDraft = (store: Store, id: string): unknown =>
  store.prepare('DELETE FROM drafts WHERE id = ?').run(id);
