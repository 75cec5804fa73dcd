import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { ownEquivalentEpochs } from '../../src/shared/curriculum/branch';
import { runFolder } from '../../src/main/base/home';
import { listCheckpoints } from '../../src/main/engine/train/checkpoint';
import { statesAtOnce } from '../../src/main/services/search/state-room';
import { locateEngine } from '../../src/main/engine/backend/locate';
import type { Dataset } from '../../src/main/store/datasets';
import { checkpointRows } from '../../src/main/store/checkpoints';
import { eventsOf } from '../../src/main/store/events';
import { findOwnPreset } from '../../src/main/store/own-presets';
import { runById, type Run } from '../../src/main/store/runs';
import { efficienttrain, errorOf } from '../support/cli';
import { importFolder, smallSample, temporary } from '../support/training';
import { detailsOf, findings, killOften, lossesOf, newSearch, searchOn, SET, reconciled } from './search-kills';

/** Every candidate fails by its mean, so the second trial branches from the first. */
const ASKED = { algorithm: 1, stages: 3, candidates: [16, 32], epochs: 3, tolerance: 0, overlap: 'mean' };

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a search', () => {
  const home = temporary('search');
  let dataset: Dataset;
  let alone: string;

  beforeAll(async () => {
    dataset = await importFolder(home, smallSample(temporary('search-data'), 24));
    alone = newSearch(home, dataset, ASKED).id;
    await searchOn(home, alone);
  });

  it('makes its trials as runs, whose shared stages are trained once, and saves what it found as a preset', async () => {
    const { search, runs, progress } = detailsOf(home, alone);
    expect(search).toMatchObject({ state: 'completed', algorithm: 1, budget: 3 });
    expect(search.baseline.top1).toBeGreaterThanOrEqual(0);
    expect(search.trials.every(({ state, n, seeds }) => state === 'completed' && n === 24 && seeds === 1)).toBe(true);
    expect(search.cost).toBeLessThanOrEqual(search.budget + 1e-9);
    expect(progress.to_come).toBe(0);
    reconciled(home, (store) => {
      for (const { run, schedule, seed } of runs) {
        const row = runById(store, run ?? '');
        expect(row).toMatchObject({ state: 'completed', tags: [`search-${alone.slice(0, 4)}`] });
        expect(row?.config.seed).toBe(seed);
        if (schedule) expect(row?.config.schedule.stages.map(({ bandwidth }) => bandwidth)).toEqual(schedule);
      }
      const [, first, second] = runs.map(({ run }) => runById(store, run ?? ''));
      if (second) {
        expect(second.parent).toMatchObject({ run: first?.id, step: first?.plan.stages[1]?.first_step });
        expect(second.config.branch).toBe(`${first?.id}@1`);
      }
      const preset = findOwnPreset(store, search.preset ?? '');
      expect(preset?.schedule.stages.map(({ bandwidth }) => bandwidth)).toEqual(search.chosen);
      expect(preset?.schedule).toMatchObject({ share_of: 'epochs', size: 32, lr_progress: 'images' });
    });
    const planned = await efficienttrain(
      [
        'train',
        '--dataset',
        dataset.id,
        '--model',
        'resnet_micro',
        '--size',
        '32',
        '--preset',
        search.preset ?? '',
      ].concat(
        ['--epochs', '3', '--batch', '16', '--detach', '--json'],
        SET.flatMap((field) => ['--set', field]),
      ),
      { home },
    );
    const { run } = JSON.parse(planned.stdout) as {
      run: { id: string; config: { optimizer: { lr_progress: string } } };
    };
    expect(run.config.optimizer.lr_progress).toBe('images');
    reconciled(home, (store) =>
      expect(runById(store, run.id)?.plan.stages.map(({ bandwidth }) => bandwidth)).toEqual(search.chosen),
    );
    await efficienttrain(['stop', run.id], { home });
    const listed = await efficienttrain(
      ['presets', search.preset ?? '', '--size', '64', '--model', 'resnet_micro', '--json'],
      {
        home,
      },
    );
    const { presets } = JSON.parse(listed.stdout) as { presets: { stages: { bandwidth: number }[] }[] };
    expect(presets[0]?.stages.map(({ bandwidth }) => bandwidth)).toEqual(
      search.chosen?.map((bandwidth) => 2 * bandwidth),
    );
  });

  it('costs what its runs have trained themselves, so that shared stages are counted once', () => {
    const { search, runs, progress } = detailsOf(home, alone);
    const trained = reconciled(home, (store) =>
      runs.flatMap(({ run, finetune_run }) =>
        [run, finetune_run].map((id) => (id === null ? 0 : ownEquivalentEpochs(runById(store, id) as Run))),
      ),
    ).reduce((sum, epochs) => sum + epochs, 0);
    expect(progress.spent).toBeCloseTo(trained, 9);
    expect(search.baseline.cost + search.trials.reduce((sum, { cost }) => sum + cost, 0)).toBeCloseTo(trained, 9);
  });

  it('has kept the states of the baseline and of the best trial alone, and says so where another is asked for', async () => {
    const { search, runs, spec } = detailsOf(home, alone);
    const kept = runs.flatMap(({ run, schedule }) => {
      const best = schedule === null || schedule.join() === search.chosen?.join();
      expect(listCheckpoints(runFolder(home, run ?? '')), `${schedule?.join()}`).toHaveLength(best ? 1 : 0);
      expect(existsSync(join(runFolder(home, run ?? ''), 'branch'))).toBe(false);
      reconciled(home, (store) => expect(checkpointRows(store, run ?? '')).toHaveLength(best ? 1 : 0));
      return best ? [] : [run ?? ''];
    });
    expect(runs.length - kept.length).toBeLessThanOrEqual(statesAtOnce(spec));
    const [pruned] = kept;
    if (pruned === undefined) return;
    reconciled(home, (store) =>
      expect(eventsOf(store, pruned).map(({ message }) => message)).toContain(
        `Checkpoints that no later trial of the search search-${alone.slice(0, 4)} needs were removed.`,
      ),
    );
    expect(errorOf(await efficienttrain(['evaluate', pruned, '--json'], { home }))).toMatchObject({
      code: 'checkpoint_invalid',
      what: expect.stringContaining('no checkpoint any more') as string,
    });
  });

  it('comes to the same, bit for bit, where it is killed twice', async () => {
    const killed = newSearch(home, dataset, ASKED).id;
    const hits = await killOften(home, killed, { kills: 2, seed: 4, within: 1500 });
    expect(hits).toBeGreaterThan(0);
    // On a fast machine the search may have ended before the second kill.
    const again = hits < 2 ? detailsOf(home, killed) : await searchOn(home, killed);
    const whole = detailsOf(home, alone);
    expect(findings(again)).toEqual(findings(whole));
    expect(lossesOf(home, again)).toEqual(lossesOf(home, whole));
  });

  it('is started, shown, stopped and continued from the command line', async () => {
    const args = [
      'search',
      '--algorithm',
      '2',
      '--dataset',
      dataset.id,
      '--model',
      'resnet_micro',
      '--size',
      '32',
      '--json',
    ];
    const short = ['--stages', '2', '--candidates', '16,32', '--epochs', '30', '--batch', '16'];
    const started = await efficienttrain([...args, ...short, '--detach', ...SET.flatMap((field) => ['--set', field])], {
      home,
    });
    const { search } = JSON.parse(started.stdout) as { search: { id: string; budget: number; trials: unknown[] } };
    expect(search.budget).toBeCloseTo(20, 9);
    await expect.poll(() => detailsOf(home, search.id).progress.live_run).not.toBeNull();
    const stopped = await efficienttrain(['search', 'stop', search.id, '--json'], { home });
    expect(JSON.parse(stopped.stdout)).toMatchObject({
      search: { id: search.id, state: 'stopped', chosen: null, preset: null },
    });
    const { searches } = JSON.parse((await efficienttrain(['search', 'list', '--json'], { home })).stdout) as {
      searches: { id: string }[];
    };
    expect(searches.map(({ id }) => id)).toContain(search.id);
    const resumed = await efficienttrain(['search', 'resume', search.id, '--max-hours', '1', '--json'], { home });
    expect(errorOf(resumed).what).toBe("--max-hours can't be used with search resume.");
    const shown = await efficienttrain(['search', 'show', search.id], { home });
    expect(shown.stdout).toContain(`search resume ${search.id}`);
    expect(errorOf(await efficienttrain(['search', 'stop', search.id, '--json'], { home }))).toMatchObject({
      code: 'bad_state',
    });
  });

  it('stops with what it has found when its time is over', async () => {
    const short = newSearch(home, dataset, { ...ASKED, epochs: 100, max_hours: 1e-6 }).id;
    const { search, reason, progress } = await searchOn(home, short);
    const { seconds } = progress;
    expect(search).toMatchObject({ state: 'stopped', preset: null });
    expect(reason).toContain('It has taken the hours that max_hours allows');
    // With the same hours again, it trains a little further and stops again.
    const again = await searchOn(home, short);
    expect(again.search.state).toBe('stopped');
    expect(again.progress.seconds).toBeGreaterThan(seconds);
  });

  it.each([
    [['--candidates', '16,20'], 'invalid_stage'],
    [['--set', 'schedule.preset=constant'], 'invalid_config'],
    [['--candidates', 'small'], 'usage'],
    [['--epochs', '0.01'], 'invalid_stage'],
  ])('refuses %j', async (more, code) => {
    const args = [
      'search',
      '--algorithm',
      '1',
      '--dataset',
      dataset.id,
      '--model',
      'resnet_micro',
      '--size',
      '32',
      '--json',
    ];
    expect(errorOf(await efficienttrain([...args, ...more], { home }))).toMatchObject({ code });
  });
});
