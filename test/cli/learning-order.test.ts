/** `show` reports the stage at which images were learned. */
import { expect, it } from 'vitest';
import { command as show } from '../../src/main/cli/commands/show';
import { databasePath } from '../../src/main/base/home';
import { EntryWriter } from '../../src/main/store/entries';
import { openStore } from '../../src/main/store/open';
import { callOf } from '../support/command-call';
import { outcomesEntry } from '../support/outcomes-entry';
import { addRun, temporaryHome } from '../store/support';

it('show tells at which stage images were learned, where evaluations have kept it', async () => {
  const home = temporaryHome();
  const store = openStore(databasePath(home));
  const run = addRun(store, { name: 'curriculum' }, 100);
  const shown = async () => show.run(callOf(home, ['curriculum']));
  expect((await shown()).json).toMatchObject({ run: { learning_order: null, learning_order_ema: null } });
  expect((await shown()).text).not.toContain('Learned');
  new EntryWriter(store, run.id).write([outcomesEntry(50, 'raw', '++-?'), outcomesEntry(100, 'raw', '+--+')]);
  const { json, text } = await shown();
  const stages = [
    { stage: 0, bandwidth: 16, step: 50, count: 1 },
    { stage: 1, bandwidth: 32, step: 100, count: 0 },
  ];
  expect(json).toMatchObject({ run: { learning_order: { stages, never: 2, total: 3 }, learning_order_ema: null } });
  expect(text).toContain('Learned, of 3 validation images: at 16 px 1, at 32 px 0, never 2.');
  store.close();
});
