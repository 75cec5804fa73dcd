import { open } from 'node:fs/promises';
import { positionAt } from '../../../shared/curriculum/plan';
import type { Curve } from '../../../shared/contract/metrics';
import { CurveReader, lastStepOf, pointTable, type DrawnCurve } from '../../store/curves';
import { findRun, type Run } from '../../store/runs';
import type { Handlers } from '../core/context';
import { trainerLog } from '../runs/trainer-process';

/** Rounds, because digits that a chart can't show only make the answer longer. */
const rounded = (value: number, digits: number): number => Math.round(value * 10 ** digits) / 10 ** digits;

function columnsOf(name: string, { width, rows, notFinite, gaps }: DrawnCurve, { plan }: Run): Curve {
  return {
    ...{ name, width, not_finite: notFinite, gaps },
    step: rows.map(({ step }) => step),
    mean: rows.map(({ mean }) => mean),
    min: rows.map(({ min }) => min),
    max: rows.map(({ max }) => max),
    epoch: rows.map(({ step }) => rounded(positionAt(plan, step).epoch, 5)),
    equivalent_epochs: rows.map(({ equivalent_epochs }) => rounded(equivalent_epochs, 5)),
    seconds: rows.map(({ wall_ms }) => rounded(wall_ms / 1000, 3)),
  };
}

const MOST_BYTES = 256 * 1024;

/** Returns whole lines from a byte on, or from so many bytes before the end. A run that has not started has none. */
async function logAfter(path: string, offset: number): Promise<{ text: string; next: number }> {
  const file = await open(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return null;
    throw error;
  });
  if (!file) return { text: '', next: 0 };
  try {
    const { size } = await file.stat();
    const from = offset < 0 ? Math.max(size + offset, 0) : Math.min(offset, size);
    const { buffer, bytesRead } = await file.read(Buffer.alloc(Math.min(size - from, MOST_BYTES)), 0, null, from);
    const whole = buffer.subarray(0, bytesRead).lastIndexOf(10) + 1;
    const text = buffer.subarray(0, whole).toString('utf8');
    // A part that begins in the middle of a line leaves that line out.
    return { text: offset < 0 && from > 0 ? text.slice(text.indexOf('\n') + 1) : text, next: from + whole };
  } finally {
    await file.close();
  }
}

export const handlers: Handlers<'metrics'> = {
  'metrics.curves': ({ store }, { run: id, names, ...range }) => {
    const run = findRun(store, id);
    const reader = new CurveReader(store, run.id);
    const curves = names.flatMap((name) => {
      const drawn = reader.read(name, range);
      return drawn ? [columnsOf(name, drawn, run)] : [];
    });
    return { curves, last_step: lastStepOf(store, run.id) };
  },
  'metrics.table': ({ store }, { run, names, after, limit }) =>
    pointTable(store, findRun(store, run).id, names, after ?? -1, limit),
  'metrics.log': ({ store, home }, { run, offset }) => logAfter(trainerLog(home, findRun(store, run).id), offset),
};
