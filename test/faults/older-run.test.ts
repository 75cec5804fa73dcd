import { expect, it } from 'vitest';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { databasePath } from '../../src/main/base/home';
import { openStore } from '../../src/main/store/open';
import { importFolder, look, newRun, smallSample, temporary, train } from '../support/training';

it.skipIf(locateEngine().kind === 'tfjs-cpu')(
  'a run that was frozen before a field existed trains with the field’s default',
  async () => {
    const home = temporary('older');
    const run = newRun(home, await importFolder(home, smallSample(temporary('older-data'), 40)), { epochs: 2 });
    const store = openStore(databasePath(home));
    store
      .prepare(
        "UPDATE runs SET config = json_remove(config, '$.optimizer.grad_accum_steps', '$.engine.autocast', '$.engine.xla', '$.eval.at_stage_size') WHERE id = ?",
      )
      .run(run.id);
    store.close();
    expect((await train(home, run).ended).code).toBe(0);
    const { run: ended, series } = look(home, run.id);
    expect(ended).toMatchObject({ state: 'completed', step: run.steps });
    expect(Object.keys(series)).toContain('val/top1');
    expect(Object.keys(series)).not.toContain('val/top1_stage');
  },
);
