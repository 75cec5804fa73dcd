/** Searches on real photographs agree with brute force, and one is killed twenty times. */
import { copyFileSync, mkdirSync, readdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { overlap } from '../../src/shared/search/interval';
import type { Measured, Schedule } from '../../src/shared/search/problem';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { databasePath, runFolder } from '../../src/main/base/home';
import { measuredOf } from '../../src/main/services/search/known-trials';
import { runTrial } from '../../src/main/services/search/run-trial';
import { openStore } from '../../src/main/store/open';
import { trialOf, trialsOf } from '../../src/main/store/search-trials';
import type { Search } from '../../src/main/store/searches';
import { smallSample, importFolder, temporary } from '../support/training';
import { sharedData, sharedDataMissing } from '../support/shared-data';
import { detailsOf, findings, killOften, lossesOf, newSearch, searchOn } from './search-kills';

const CANDIDATES = [16, 24, 32];
const SEEDS = 3;

const every = (stages: number): Schedule[] =>
  stages === 0 ? [[]] : every(stages - 1).flatMap((head) => CANDIDATES.map((side) => [...head, side]));

const missing = sharedDataMissing ?? (locateEngine().kind === 'tfjs-cpu' ? 'no engine' : null);

/** Number of images of each class. With more, all 27 schedules would take longer than the rest of the suite. */
const IMAGES = { train: 200, val: 50 };

/** Copies a part of the photographs: the first ones of each class. */
function fewPhotographs(): string {
  const to = temporary('search-photographs');
  for (const [split, images] of Object.entries(IMAGES)) {
    for (const name of readdirSync(sharedData(`cifar10/${split}`))) {
      const from = sharedData(`cifar10/${split}/${name}`);
      mkdirSync(join(to, split, name), { recursive: true });
      for (const file of readdirSync(from).sort().slice(0, images))
        copyFileSync(join(from, file), join(to, split, name, file));
    }
  }
  return to;
}

interface Ranked {
  schedule: Schedule;
  measured: Measured;
}

/**
 * Trains all schedules, and returns them with the best first, and their cost. They are trials of another search that
 * nobody runs, so that they share their beginnings, too.
 */
async function allSchedules(home: string, search: Search): Promise<{ ranked: Ranked[]; cost: number }> {
  const store = openStore(databasePath(home));
  try {
    const never = new AbortController().signal;
    const told = { onProgress: () => undefined, onLog: () => undefined };
    const parts = { home, store, search, signal: never, force: never, ...told };
    for (let seed = 0; seed < SEEDS; seed++) {
      for (const schedule of every(3)) await runTrial(parts, trialOf(store, search.id, schedule, seed));
      // Nothing else removes their states, which take a gigabyte for each seed.
      for (const { run, finetune } of trialsOf(store, search.id))
        for (const id of [run, finetune])
          if (id !== null) rmSync(runFolder(home, id), { recursive: true, force: true });
    }
    const trials = trialsOf(store, search.id);
    const ranked = every(3)
      .map((schedule) => ({ schedule, measured: measuredOf(trials, schedule) as Measured }))
      .sort((a, b) => b.measured.top1 - a.measured.top1);
    return { ranked, cost: trials.reduce((sum, { cost }) => sum + cost, 0) };
  } finally {
    store.close();
  }
}

const text = ({ schedule, measured: { top1 } }: Ranked): string => `${schedule.join('-')} ${(100 * top1).toFixed(1)} %`;

describe.skipIf(missing !== null)('algorithm 2 on photographs', () => {
  it('finds what no schedule of all 27 is better than, at less than half of their cost', async () => {
    const home = temporary('search-brute');
    const dataset = await importFolder(home, fewPhotographs());
    const asked = {
      ...{ algorithm: 2, stages: 3, candidates: CANDIDATES, epochs: 5, finetune_epochs: 0.25, batch: 64, seeds: SEEDS },
      // Brute force looks for the highest accuracy; the other rule gives accuracy away for cost.
      overlap: 'mean',
    };
    const set = ['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=2'];
    const { search: found, progress } = await searchOn(home, newSearch(home, dataset, asked, set).id);
    const { ranked, cost } = await allSchedules(home, newSearch(home, dataset, asked, set));
    const place = ranked.findIndex(({ schedule }) => schedule.join() === found.chosen?.join());
    const [own, best] = [ranked[place], ranked[0]] as [Ranked, Ranked];
    // Brute force needs no baseline, but the search's spending on its own is counted.
    const share = progress.spent / cost;
    console.log(
      `found ${text(own)}, place ${place + 1} of 27; best ${ranked.slice(0, 3).map(text).join(', ')}, last ${text(ranked.at(-1) as Ranked)}; ` +
        `${progress.spent.toFixed(1)} of ${cost.toFixed(1)} equivalent epochs (${(100 * share).toFixed(0)} %)`,
    );
    expect(found.state).toBe('completed');
    expect(overlap(own.measured, best.measured)).toBe(true);
    expect(share).toBeLessThan(0.5);
  });
});

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a search that is killed twenty times', () => {
  it('has the same result, bit for bit, as an uninterrupted one', async () => {
    const home = temporary('search-kills');
    const dataset = await importFolder(home, smallSample(temporary('search-kills-data'), 60));
    const asked = {
      algorithm: 2,
      stages: 2,
      candidates: [16, 32],
      epochs: 12,
      finetune_epochs: 1,
      seeds: 1,
      max_seeds: 2,
    };
    const alone = newSearch(home, dataset, asked).id;
    const whole = await searchOn(home, alone);
    expect(whole.search.state).toBe('completed');
    const { seconds, trial_seconds } = whole.progress;
    expect((seconds - trial_seconds) / trial_seconds, 'share of the search itself').toBeLessThan(0.03);
    const killed = newSearch(home, dataset, asked).id;
    // There are twenty waits, each between 0 and a tenth of the whole time, so that kills are spread from the beginning
    // to near the end.
    expect(await killOften(home, killed, { kills: 20, seed: 7, within: Math.max(1500, 100 * seconds) })).toBe(20);
    const again = await searchOn(home, killed);
    expect(findings(again)).toEqual(findings(detailsOf(home, alone)));
    expect(lossesOf(home, again)).toEqual(lossesOf(home, whole));
  });
});
