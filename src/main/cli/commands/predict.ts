import { escapeControls } from '../../../shared/printable';
import { loadRunWeights } from '../../services/inference/checkpoints';
import { borrowDeviceToRead } from '../../services/gpu/take-device';
import { openInference, predictImages } from '../../services/inference/inference';
import { refuseUnlabelled } from '../../services/datasets/refuse-unlabelled';
import { openHome } from '../../services/runs/runs';
import { findRun } from '../../store/runs';
import type { Command } from '../command';
import { bar, percent } from '../format';
import { choiceOption, needPositionals, textOption } from '../options';

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
    const found = await loadRunWeights(home, store, findRun(store, reference), {
      checkpoint: choiceOption(values, 'checkpoint', ['best', 'last'], 'best'),
      weights: textOption(values, 'weights') === undefined ? null : choiceOption(values, 'weights', ['ema', 'raw'], 'raw'),
    });
    refuseUnlabelled(found.dataset, true, 'predict');
    if (found.instead) log(`${found.instead.message} ${found.instead.why}`);
    const { mean, std, crop_pct, interpolation } = found.config.data;
    const options = {
      home,
      model: found.model,
      values: found.values,
      preprocessing: { size: found.config.size, crop_pct, interpolation, mean, std },
      batch: 1,
      threads: found.config.engine.intra_op_threads,
    };
    await borrowDeviceToRead(store, found.config.engine.device);
    const executor = openInference(options);
    const predictions = await predictImages(executor, options, found.dataset.classes, paths);
    executor.dispose();
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
