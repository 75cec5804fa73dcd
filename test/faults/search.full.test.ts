/** Searches on real photographs against brute force, and one that is killed twenty times. */
import { describe, expect, it } from 'vitest';
import { overlap } from '../../src/shared/search/interval';
import { subjectPrice } from '../../src/shared/search/price';
import type { Measured, Schedule } from '../../src/shared/search/problem';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { databasePath } from '../../src/main/base/home';
import { measuredOf } from '../../src/main/services/search/known-trials';
import { runTrial } from '../../src/main/services/search/run-trial';
import { pricesOf, problemOf } from '../../src/main/services/search/trial-config';
import { openStore } from '../../src/main/store/open';
import { trialOf, trialsOf } from '../../src/main/store/search-trials';
import { smallSample, importFolder, temporary } from '../support/training';
import { sharedData, sharedDataMissing } from '../support/shared-data';
import { detailsOf, findings, killOften, lossesOf, newSearch, searchOn } from './search-kills';

const CANDIDATES = [16, 24, 32];
const SEEDS = 3;

const every = (stages: number): Schedule[] =>
  stages === 0 ? [[]] : every(stages - 1).flatMap((head) => CANDIDATES.map((side) => [...head, side]));

const missing = sharedDataMissing ?? (locateEngine().kind === 'tfjs-cpu' ? 'no engine' : null);

describe.skipIf(missing !== null)('algorithm 2 on photographs', () => {
  it('finds what no schedule of all 27 is better than, at less than half of their cost', async () => {
    const home = temporary('search-brute');
    const dataset = await importFolder(home, sharedData('cifar10'));
    const asked = {
      algorithm: 2,
      stages: 3,
      candidates: CANDIDATES,
      epochs: 3,
      finetune_epochs: 0.3,
      batch: 64,
      seeds: SEEDS,
    };
    const set = ['engine.intra_op_threads=2', 'engine.inter_op_threads=1', 'data.workers=2'];
    const { search: found } = await searchOn(home, newSearch(home, dataset, asked, set).id);
    // All schedules as trials of another search, which nobody searches: their beginnings are shared, too.
    const brute = newSearch(home, dataset, asked, set);
    const store = openStore(databasePath(home));
    const never = new AbortController().signal;
    const parts = {
      ...{
        home,
        store,
        search: brute,
        signal: never,
        force: never,
        onProgress: () => undefined,
        onLog: () => undefined,
      },
    };
    const [problem, prices, trained] = [problemOf(brute.spec), pricesOf(brute.spec), [] as Schedule[]];
    let price = SEEDS * prices.baseline;
    for (const schedule of every(3)) {
      price += SEEDS * subjectPrice(problem, prices, schedule, trained);
      trained.push(schedule);
      for (let seed = 0; seed < SEEDS; seed++) await runTrial(parts, trialOf(store, brute.id, schedule, seed));
    }
    const trials = trialsOf(store, brute.id);
    store.close();
    const ranked = every(3)
      .map((schedule) => ({ schedule, measured: measuredOf(trials, schedule) as Measured }))
      .sort((a, b) => b.measured.top1 - a.measured.top1);
    const own = ranked.findIndex(({ schedule }) => schedule.join() === found.chosen?.join());
    const spent = found.trials.reduce((sum, { cost }) => sum + cost, 0) + SEEDS * found.baseline.cost;
    const text = ({ schedule, measured }: (typeof ranked)[number]): string =>
      `${schedule.join('-')} ${(100 * measured.top1).toFixed(1)} %`;
    console.log(
      `found ${text(ranked[own] as (typeof ranked)[number])}, place ${own + 1} of 27; best ${ranked.slice(0, 3).map(text).join(', ')}; ` +
        `${spent.toFixed(1)} of ${price.toFixed(1)} equivalent epochs`,
    );
    expect(
      overlap((ranked[own] as (typeof ranked)[number]).measured, (ranked[0] as (typeof ranked)[number]).measured),
    ).toBe(true);
    expect(spent / price).toBeLessThan(0.5);
  });
});

describe.skipIf(locateEngine().kind === 'tfjs-cpu')('a search that is killed twenty times', () => {
  it('comes to the same, bit for bit, as one that is left alone', async () => {
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
    expect(await killOften(home, killed, { kills: 20, seed: 7, within: 9000 })).toBeGreaterThanOrEqual(15);
    const again = await searchOn(home, killed);
    expect(findings(again)).toEqual(findings(detailsOf(home, alone)));
    expect(lossesOf(home, again)).toEqual(lossesOf(home, whole));
  });
});
