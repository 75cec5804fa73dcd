import { AppError } from '../../../shared/errors';
import { escapeControls } from '../../../shared/printable';
import { maeSettings } from '../../engine/tasks/mae/settings';
import { reconstructFiles } from '../../services/inference/reconstruct-files';
import { openRunEvaluation } from '../../services/inference/run-inference';
import { openHome } from '../../services/runs/runs';
import { findRun, type Run } from '../../store/runs';
import type { Command } from '../command';
import { table } from '../format';
import { needPositionals, numberOption, textOption } from '../options';
import { weightChoice } from '../weight-choice';

/** Refuses runs of other tasks. @throws AppError usage */
function refuseOtherTasks({ name, config: { task } }: Run): void {
  if (task === 'mae') return;
  throw new AppError({
    code: 'usage',
    what: `Run ${name} reconstructs nothing.`,
    why: `Its task is ${task}; only a masked autoencoder (the task mae) predicts patches that it does not see.`,
    next: 'Choose a run of the task mae; `efficienttrain runs` lists all runs.',
  });
}

function outOf(out: string | undefined): string {
  if (out) return out;
  throw new AppError({
    code: 'usage',
    what: 'reconstruct needs --out DIR.',
    why: 'It says where the pictures go.',
    next: 'Run `efficienttrain reconstruct --help`.',
  });
}

export const command: Command = {
  name: 'reconstruct',
  summary: 'Mask images and show what a masked autoencoder predicts of them.',
  positionals: 'RUN IMAGE...',
  options: {
    out: { type: 'string', value: 'DIR', description: 'folder for the pictures, named after the images' },
    seed: { type: 'string', value: 'N', description: 'of the masks (default 0)' },
    checkpoint: { type: 'string', value: 'WHICH', description: 'best or last (default best)' },
    weights: { type: 'string', value: 'WHICH', description: 'ema or raw (default ema if the run has it)' },
  },
  examples: [
    'efficienttrain reconstruct k3m9 photo.jpg --out seen/',
    'efficienttrain reconstruct k3m9 a.png b.png --out seen/ --seed 3',
  ],
  loadsEngine: () => true,
  run: async ({ positionals, values, home, log }) => {
    const [reference = '', ...paths] = needPositionals('reconstruct', positionals, 2, Infinity);
    const out = outOf(textOption(values, 'out'));
    const seed = numberOption(values, 'seed', 0, 0, 4294967295);
    const store = openHome(home);
    refuseOtherTasks(findRun(store, reference));
    const choice = weightChoice(values);
    const { found, opened } = await openRunEvaluation({ home, store, run: reference, batch: 1 }, choice);
    if (found.instead) log(`${found.instead.message} ${found.instead.why}`);
    const reconstructions = await reconstructFiles(opened, { paths, out, seed });
    opened.executor.dispose();
    const { mask_ratio, target, norm_pix_loss } = maeSettings(found.config);
    const rows = reconstructions.map(({ path, loss, problem }) => [
      escapeControls(path),
      loss?.toFixed(4) ?? problem ?? '',
    ]);
    return {
      json: { reconstructions, seed, mask_ratio, target, norm_pix_loss },
      text: `${table(['image', 'loss'], rows)}\n\nThe pictures are in ${escapeControls(out)}.`,
      exitCode: reconstructions.some(({ problem }) => problem !== null) ? 1 : 0,
    };
  },
};
