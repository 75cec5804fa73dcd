import { escapeControls } from '../../../shared/printable';
import { refuseUnlabelled } from '../../services/datasets/refuse-unlabelled';
import { predictFiles } from '../../services/inference/predict-files';
import { refuseClassless } from '../../services/inference/refuse-classless';
import { openRun } from '../../services/inference/run-inference';
import { openHome } from '../../services/runs/runs';
import { findRun } from '../../store/runs';
import type { Command } from '../command';
import { bar, percent } from '../format';
import { needPositionals } from '../options';
import { weightChoice } from '../weight-choice';

export const command: Command = {
  name: 'predict',
  summary: 'Name the most probable classes of images.',
  positionals: 'RUN IMAGE...',
  options: {
    checkpoint: { type: 'string', value: 'WHICH', description: 'best or last (default best)' },
    weights: { type: 'string', value: 'WHICH', description: 'ema or raw (default ema if the run has it)' },
  },
  examples: ['efficienttrain predict k3m9 photo.jpg'],
  loadsEngine: () => true,
  run: async ({ positionals, values, home, log }) => {
    const [reference = '', ...paths] = needPositionals('predict', positionals, 2, Infinity);
    const store = openHome(home);
    const choice = weightChoice(values);
    refuseClassless(findRun(store, reference));
    const { found, preprocessing, inference } = await openRun({ home, store, run: reference, batch: 1 }, choice);
    refuseUnlabelled(found.dataset, true, 'predict');
    if (found.instead) log(`${found.instead.message} ${found.instead.why}`);
    const predictions = await predictFiles(inference, preprocessing, found.dataset.classes, paths);
    inference.executor.dispose();
    const width = Math.max(0, ...predictions.flatMap(({ top5 }) => top5.map(({ class: name }) => name.length)));
    const lines = predictions.flatMap(({ path, top5, problem }) => [
      escapeControls(path),
      ...(problem === null ? [] : [`  It can't be used as an image. ${problem}`]),
      ...top5.map(
        ({ class: name, probability }) =>
          `  ${escapeControls(name).padEnd(width)}  ${percent(probability).padStart(7)}  ${bar(probability, 20)}`,
      ),
    ]);
    return {
      json: { predictions },
      text: lines.join('\n'),
      exitCode: predictions.some(({ problem }) => problem !== null) ? 1 : 0,
    };
  },
};
