import { databasePath } from '../../home';
import { AppError } from '../../../shared/errors';
import { exportRun } from '../../services/exports';
import { openStore } from '../../store/open';
import { findRun } from '../../store/runs';
import type { Command } from '../command';
import { choiceOption, needPositionals, textOption } from '../options';

export const command: Command = {
  name: 'export',
  summary: 'Write the weights of a run for timm (safetensors) or TensorFlow (savedmodel).',
  positionals: 'RUN',
  options: {
    format: { type: 'string', value: 'FORMAT', description: 'safetensors or savedmodel (default safetensors)' },
    out: { type: 'string', value: 'DIR', description: 'folder to write' },
    checkpoint: { type: 'string', value: 'WHICH', description: 'best or last (default best)' },
    weights: { type: 'string', value: 'WHICH', description: 'ema or raw (default ema if the run has it)' },
    force: { type: 'boolean', description: 'replace an earlier export in the folder' },
  },
  examples: ['efficienttrain export k3m9 --format safetensors --out birds-model/'],
  run: async ({ positionals, values, home, progress }) => {
    const [reference = ''] = needPositionals('export', positionals, 1);
    const out = textOption(values, 'out');
    if (out === undefined) throw new AppError({ code: 'usage', what: 'export needs --out DIR.', why: 'It was not given.', next: 'Name a folder that is not there yet.' });
    const store = openStore(databasePath(home));
    progress('writing, then checking the files in a fresh process');
    const exported = await exportRun(store, {
      ...{ home, run: findRun(store, reference), out, force: values['force'] === true, format: textOption(values, 'format') ?? 'safetensors' },
      checkpoint: choiceOption(values, 'checkpoint', ['best', 'last'], 'best'),
      weights: textOption(values, 'weights') === undefined ? null : choiceOption(values, 'weights', ['ema', 'raw'], 'raw'),
    });
    const { path, format, parity } = exported;
    return { json: exported, text: `Exported as ${format} to ${path}.\nParity: at most ${parity.max_abs_diff.toExponential(2)} apart over ${parity.images} validation images. How to load it: ${path}/README.md` };
  },
};
