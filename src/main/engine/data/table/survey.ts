/**
 * Reads a whole table once for the values of its split column, and for paths from all over it, from which the finder
 * learns.
 */
import type { TablePlan } from './plan';
import { rowsOf } from './plan';

export interface Survey {
  /** Distinct values of the split column, at most MOST_VALUES. */
  splitValues: string[];
  paths: string[];
}

const MOST_VALUES = 1000;
const MOST_PATHS = 1000;
/** Number of rows between two pauses. */
const PAUSE = 20_000;

/** Keeps every n-th path: n doubles whenever there are too many, so that they come from all of the table. */
class Spread {
  readonly all: string[] = [];
  private step = 1;
  private seen = 0;

  add(path: string): void {
    if (this.seen++ % this.step) return;
    this.all.push(path);
    if (this.all.length < MOST_PATHS) return;
    this.step *= 2;
    const half = this.all.filter((_, index) => index % 2 === 0);
    this.all.splice(0, this.all.length, ...half);
  }
}

/**
 * Surveys a table. It yields null now and then, so that the caller can pause. @throws AppError bad_dataset where the
 * text can't be decoded
 */
export function* surveyTable(plan: TablePlan): Generator<null, Survey> {
  const values = new Set<string>();
  const paths = new Spread();
  let count = 0;
  for (const row of rowsOf(plan)) {
    if (++count % PAUSE === 0) yield null;
    if (!('cells' in row) || row.cells.length < plan.width) continue;
    const path = row.cells[plan.path];
    if (path) paths.add(path);
    if (plan.split !== null && values.size < MOST_VALUES) values.add(row.cells[plan.split] ?? '');
  }
  return { splitValues: [...values], paths: paths.all };
}
