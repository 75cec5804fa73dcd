import { AppError } from '../../../shared/errors';
import { EXPORT_NAMES } from '../../../shared/export-names';
import { EXPORT_PARTS } from '../../../shared/export-part';
import { exportFormats } from '../../engine/export/formats';
import { exportRun } from '../../services/exports/exports';
import { withHome } from '../../services/runs/runs';
import { findRun } from '../../store/runs';
import type { Command } from '../command';
import { choiceOption, needPositionals, textOption } from '../options';
import { weightChoice } from '../weight-choice';
import { refuseWorkingFolder } from '../working-folder';

const formats = exportFormats()
  .map(({ id }) => id)
  .sort();

export const command: Command = {
  name: 'export',
  summary: 'Write weights that other programs load, checked against the run.',
  positionals: 'RUN',
  options: {
    format: { type: 'string', value: 'FORMAT', description: `${formats.join(' or ')} (default safetensors)` },
    out: {
      type: 'string',
      value: 'DIR',
      description: 'folder to write; has to be new, empty, or an export with --force',
    },
    checkpoint: { type: 'string', value: 'WHICH', description: 'best or last (default best)' },
    weights: { type: 'string', value: 'WHICH', description: 'ema or raw (default ema if the run has it)' },
    part: {
      type: 'string',
      value: 'PART',
      description: 'of a masked autoencoder: encoder (default), or all with its decoder',
    },
    names: {
      type: 'string',
      value: 'WHOSE',
      description: "names of the parameters: timm (default), or official, those of the code of the model's authors",
    },
    force: { type: 'boolean', description: 'replace an export of this program; other files in its folder stay' },
  },
  examples: [
    'efficienttrain export k3m9 --format safetensors --out birds-resnet18',
    'efficienttrain export k3m9 --format savedmodel --out birds-tf --checkpoint last',
    'efficienttrain export k3m9 --part all --out birds-mae',
    'efficienttrain export k3m9 --names official --out birds-convnext',
  ],
  loadsEngine: () => true,
  run: ({ positionals, values, home, signal, log }) =>
    withHome(home, async (store) => {
      const [reference = ''] = needPositionals('export', positionals, 1);
      const out = textOption(values, 'out');
      if (!out)
        throw new AppError({
          code: 'usage',
          what: 'export needs --out DIR.',
          why: 'It says where the weights go.',
          next: 'Run `efficienttrain export --help`.',
        });
      refuseWorkingFolder(out);
      const exported = await exportRun(store, {
        ...{ home, run: findRun(store, reference), out, force: values['force'] === true, signal, log },
        format: choiceOption(values, 'format', formats, 'safetensors'),
        part: choiceOption(values, 'part', EXPORT_PARTS, 'encoder'),
        names: choiceOption(values, 'names', EXPORT_NAMES, 'timm'),
        ...weightChoice(values),
      });
      const { path, format, parity, kept } = exported;
      const stayed = kept ? `\nFiles that no export wrote have stayed: ${kept.join(', ')}.` : '';
      return {
        json: exported,
        text: `Exported to ${path} (${format}). On ${parity.images} images of its dataset it differs from the run by at most ${parity.max_abs_diff.toExponential(2)}.${stayed}`,
      };
    }),
};
