/** What tests compare of runs that decide their borders while they train. */
import { cpSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect } from 'vitest';
import { databasePath, runFolder } from '../../src/main/base/home';
import { checkpointsFolder, listCheckpoints } from '../../src/main/engine/train/checkpoint';
import { bordersDecided } from '../../src/main/store/events';
import { openStore } from '../../src/main/store/open';
import type { Run } from '../../src/main/store/runs';
import type { BorderDecision } from '../../src/shared/contract/borders';
import { look, train } from '../support/training';

const SERIES = ['train/loss', 'grad_norm', 'lr', 'val/loss', 'val/top1'];

export function decidedBorders(home: string, { id }: Pick<Run, 'id'>): BorderDecision[] {
  const store = openStore(databasePath(home));
  try {
    return bordersDecided(store, id);
  } finally {
    store.close();
  }
}

/** Compares a run that began after `step` finished steps with one that was left alone: series, decisions and plan. */
export function expectSameRest(home: string, whole: Pick<Run, 'id'>, rest: Pick<Run, 'id'>, step: number): void {
  const [a, b] = [look(home, whole.id), look(home, rest.id)];
  expect(b.run.state).toBe('completed');
  for (const name of SERIES) expect(b.series[name], name).toEqual(a.series[name]?.filter((point) => point.step > step));
  expect(b.run.plan).toEqual(a.run.plan);
  expect(decidedBorders(home, rest)).toEqual(decidedBorders(home, whole).filter((border) => border.step > step));
}

/** Returns the steps of a run's checkpoints, ascending. */
export const savedSteps = (home: string, { id }: Pick<Run, 'id'>): number[] =>
  listCheckpoints(runFolder(home, id))
    .map(({ step }) => step)
    .sort((a, b) => a - b);

/** Trains a new run from the checkpoint that another run has of one step. */
export async function trainFrom(home: string, whole: Pick<Run, 'id'>, step: number, again: Run): Promise<void> {
  const saved = listCheckpoints(runFolder(home, whole.id)).find((checkpoint) => checkpoint.step === step);
  if (!saved) throw new Error(`no checkpoint of step ${step}`);
  const to = join(checkpointsFolder(runFolder(home, again.id)), basename(saved.folder));
  cpSync(saved.folder, to, { recursive: true });
  expect((await train(home, again).ended).code).toBe(0);
}
