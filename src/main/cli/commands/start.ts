import { AppError } from '../../../shared/errors';
import { SAMPLE_RUN } from '../../../shared/sample-run';
import { databasePath } from '../../base/home';
import { resolveRun } from '../../services/runs/configs';
import { reviewImport } from '../../services/datasets/imports';
import { presentSample, SAMPLE_NAME, SAMPLE_SCAN, sampleFolder } from '../../services/datasets/sample-dataset';
import { trainAndFollow } from '../../services/runs/training';
import type { Dataset } from '../../store/datasets';
import { openStore, type Store } from '../../store/open';
import { createRun } from '../../store/runs';
import type { Command, CommandCall } from '../command';
import { outcomeText, progressShort, progressText, runJson } from '../run-text';

const { model, preset, size, equivalent_epochs } = SAMPLE_RUN;

async function sampleDataset(store: Store, home: string, { signal, progress }: CommandCall): Promise<Dataset> {
  const known = await presentSample(store);
  if (known) return known;
  const { val_split: valSplit, seed } = SAMPLE_SCAN;
  const review = await reviewImport({
    ...{
      source: sampleFolder(),
      name: SAMPLE_NAME,
      home,
      signal,
      valSplit,
      seed,
      exclude: { problems: false, leaks: false },
    },
    onProgress: ({ done, total }) => progress(`importing the sample: ${done} of ${total} images`),
  });
  review.commit(store);
  return review.dataset;
}

export const command: Command = {
  name: 'start',
  summary: 'Train the bundled sample: ten hand signs, two minutes.',
  positionals: '',
  options: {},
  examples: ['efficienttrain start'],
  run: async (call) => {
    const { home } = call;
    const store = openStore(databasePath(home));
    const dataset = await sampleDataset(store, home, call);
    const flags = { size, 'schedule.equivalent_epochs': equivalent_epochs };
    const run = createRun(store, resolveRun({ dataset, model, preset, flags, set: [] }));
    store.close();
    call.log(
      `Training ${model} on ${dataset.name}, ${size} px, under the EfficientTrain++ curriculum. Ctrl-C saves a checkpoint and stops.`,
    );
    const ended = await trainAndFollow({
      home,
      run,
      signal: call.signal,
      force: call.force,
      onProgress: (state) => call.progress(progressText(state), progressShort(state)),
      onLog: call.log,
    });
    if (ended.error) throw new AppError(ended.error);
    const where = `\nEverything is in ${home}. Compare with ordinary training:\n  npm run --silent efficienttrain -- train --dataset ${dataset.name} --model ${model} --size ${size} --epochs ${equivalent_epochs} --preset constant`;
    return {
      json: { run: runJson(ended), home },
      text: `${outcomeText(ended)}${where}`,
      exitCode: call.signal.aborted ? 130 : 0,
    };
  },
};
