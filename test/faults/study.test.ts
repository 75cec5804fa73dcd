/** A study that is queued, killed, continued and stopped, on the command line. */
import { beforeAll, describe, expect, it } from 'vitest';
import type { FrequencyStudy, Study } from '../../src/shared/contract/studies';
import { locateEngine } from '../../src/main/engine/backend/locate';
import type { Store } from '../../src/main/store/open';
import { livePids, reconcileRuns, runById } from '../../src/main/store/runs';
import { efficienttrain, errorOf } from '../support/cli';
import { importFolder, smallSample, temporary } from '../support/training';
import { withStore } from '../support/with-store';

const SET = ['data.workers=1', 'engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'eval.every=1'];
const WAIT = { timeout: 60_000, interval: 50 };

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a study', () => {
  const home = temporary('study-kills');
  const inStore = <T>(use: (store: Store) => T): T => withStore(home, use);
  async function study<S extends Study = FrequencyStudy>(...args: string[]): Promise<S> {
    const { stdout, stderr } = await efficienttrain(['study', ...args, '--json'], { home });
    const parsed = JSON.parse(stdout) as { study?: S };
    if (!parsed.study) throw new Error(stdout + stderr);
    return parsed.study;
  }
  const states = ({ curves }: FrequencyStudy): string[] => curves.flatMap(({ runs }) => runs.map(({ state }) => state));
  const pid = (id: string): number | null =>
    inStore(
      (store) => store.prepare<[string], number | null>('SELECT pid FROM studies WHERE id = ?').pluck().get(id) ?? null,
    );

  let asked: string[];
  beforeAll(async () => {
    const dataset = await importFolder(home, smallSample(temporary('study-data'), 8));
    asked = [
      ...['frequency', '--dataset', dataset.id, '--model', 'resnet_micro', '--size', '32', '--batch', '16'],
      ...SET.flatMap((field) => ['--set', field]),
    ];
  });

  it('resumes where it was killed, and trains no finished run again', async () => {
    const { id } = await study(...asked, '--radii', '4', '--epochs', '6', '--detach');
    await expect.poll(async () => states(await study('show', id)), WAIT).toEqual(['completed', 'running']);
    const killed = pid(id) as number;
    const trainers = inStore(livePids);
    for (const process_ of [killed, ...trainers]) process.kill(process_, 'SIGKILL');
    await expect.poll(async () => (await study('show', id)).state, WAIT).toBe('interrupted');
    const before = await study('show', id);
    expect(states(before)).toEqual(['completed', 'interrupted']);
    const runs = before.curves.flatMap((curve) => curve.runs.map((run) => run.id));
    const endOf = (run: string) => inStore((store) => runById(store, run)?.ended);
    const ended = endOf(runs[0] as string);
    const after = await study('resume', id);
    expect(after).toMatchObject({ id, state: 'completed', kind: 'frequency', radii: [4], seeds: 1 });
    expect(after.curves.flatMap((curve) => curve.runs.map((run) => run.id))).toEqual(runs);
    expect(states(after)).toEqual(['completed', 'completed']);
    expect(endOf(runs[0] as string)).toBe(ended);
    expect(pid(id)).toBeNull();
  });

  it('is stopped, says how to resume, and cannot be stopped twice', async () => {
    const { id, state } = await study(...asked, '--radii', '4', '--epochs', '200', '--detach');
    expect(state).toBe('queued');
    await expect.poll(async () => states(await study('show', id)), WAIT).toContain('running');
    const twice = await efficienttrain(['study', 'resume', id, '--json'], { home });
    expect(errorOf(twice)).toMatchObject({ code: 'bad_state' });
    expect(await study('stop', id)).toMatchObject({ id, state: 'stopped' });
    for (const [args, why] of [
      [['resume', id, '--radii', '8'], "--radii can't be used with study resume."],
      [[...asked, '--radii', '4', '--set', 'data.workers=2'], `data.workers can't be set for study ${id}.`],
      [
        [...asked, '--radii', '4', '--set', 'optimizer.warmup_lr=1e-6'],
        `optimizer.warmup_lr can't be set for study ${id}.`,
      ],
    ] as const)
      expect(errorOf(await efficienttrain(['study', ...args, '--json'], { home }))).toMatchObject({
        ...{ code: 'usage', what: why },
      });
    const shown = await efficienttrain(['study', 'show', id], { home });
    expect(shown.stdout).toContain(`study resume ${id}`);
    expect(errorOf(await efficienttrain(['study', 'stop', id, '--json'], { home }))).toMatchObject({
      code: 'bad_state',
    });
    // Resumed in the background, it is no longer the stopped one, even before its process has begun.
    expect((await study('resume', id, '--detach')).state).not.toBe('stopped');
    await expect.poll(async () => states(await study('show', id)), WAIT).toContain('running');
    expect(await study('stop', id)).toMatchObject({ id, state: 'stopped' });
    inStore(reconcileRuns);
    expect(inStore(livePids)).toEqual([]);
  });

  it("measures a run's checkpoints once each, in the background too", async () => {
    const run = inStore((store) =>
      store.prepare("SELECT id FROM runs WHERE state = 'completed' LIMIT 1").pluck().get(),
    ) as string;
    const { id } = await study<Study>('checkpoints', run, '--radii', '4', '--images', '4', '--detach');
    await expect.poll(async () => (await study<Study>('show', id)).state, WAIT).toBe('completed');
    const first = await study<Study>('show', id);
    if (first.kind !== 'checkpoints') throw new Error('another kind');
    expect(first.views).toEqual(['plain', 'low_pass:4', 'high_pass:4', 'weak', 'strong']);
    expect(first.checkpoints.length).toBeGreaterThan(0);
    const began = Date.now();
    expect(await study<Study>('checkpoints', run, '--radii', '4', '--images', '4')).toEqual(first);
    expect(Date.now() - began).toBeLessThan(30_000);
  });
});
