import { databasePath } from '../../base/home';
import { buildPlan } from '../../../shared/curriculum/plan';
import { checkStages } from '../../../shared/curriculum/stages';
import { PAPER_DATA } from '../../../shared/published/departures';
import { resolveConfig } from '../../../shared/run-config-resolve';
import { modelEntry } from '../../engine/models';
import { resolveRun, type ResolvedRun } from '../../services/runs/configs';
import { findDataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import { AGAINST, heldAgainst } from '../against';
import type { Command, CommandCall } from '../command';
import { needPositionals, optionalNumber, textOption } from '../options';
import { planText } from '../plan-text';
import { AppError } from '../../../shared/errors';

interface LaidOut extends Pick<ResolvedRun, 'config' | 'plan'> {
  images: number;
  classes: number;
}

interface Asked {
  model: string;
  preset: string | undefined;
  flags: Record<string, unknown>;
  set: readonly string[];
}

function onDataset({ home }: CommandCall, name: string, { preset, ...asked }: Asked): LaidOut {
  const store = openStore(databasePath(home));
  const dataset = findDataset(store, name);
  const { config, plan } = resolveRun({
    ...asked,
    dataset,
    teachers: { store, files: true },
    ...(preset === undefined ? {} : { preset }),
  });
  return { config, plan, images: plan.samples, classes: dataset.classes.length };
}

/** Plans for ImageNet-1K where no dataset is given. */
function onImageNet({ model, preset, flags, set }: Asked): LaidOut {
  const entry = modelEntry(model);
  const { config } = resolveConfig({
    dataset: '',
    model: entry,
    flags,
    set,
    ...(preset === undefined ? {} : { preset }),
  });
  const batches = { batch: config.data.batch, parts: config.optimizer.grad_accum_steps };
  checkStages(config.schedule, config.size, entry.sizes, batches);
  return { config, plan: buildPlan(config, PAPER_DATA.images, (size) => entry.macs(size)), ...PAPER_DATA };
}

export const command: Command = {
  name: 'plan',
  summary: 'Plan a run step by step without a dataset or training, and compare it with a row of the papers.',
  positionals: '',
  options: {
    model: { type: 'string', value: 'MODEL', description: 'see `efficienttrain models`' },
    dataset: {
      type: 'string',
      value: 'DATASET',
      description: 'id, prefix or name (default: as many images as ImageNet-1K)',
    },
    preset: {
      type: 'string',
      value: 'PRESET',
      description: "schedule, see `efficienttrain presets` (default: the model's)",
    },
    size: { type: 'string', value: 'PX', description: "final image size (default: the model's)" },
    epochs: {
      type: 'string',
      value: 'E',
      description: 'equivalent epochs: compute in passes at the final size (default 200)',
    },
    batch: { type: 'string', value: 'N', description: 'images a step' },
    set: { type: 'string', value: 'FIELD=VALUE', multiple: true, description: 'one field of the configuration' },
    against: AGAINST,
  },
  examples: [
    'efficienttrain plan --model deit_small_patch16_224 --batch 512',
    'efficienttrain plan --model swin_tiny_patch4_window7_224 --batch 512 --against "Swin-T, TPAMI 2024, 200 epochs"',
  ],
  run: (call) => {
    const { positionals, values } = call;
    needPositionals('plan', positionals, 0);
    const model = textOption(values, 'model');
    if (model === undefined)
      throw new AppError({
        code: 'usage',
        what: 'plan needs --model.',
        why: 'It was not given.',
        next: 'Run `efficienttrain models` to see them.',
      });
    const flags = {
      size: optionalNumber(values, 'size'),
      'schedule.equivalent_epochs': optionalNumber(values, 'epochs'),
      'data.batch': optionalNumber(values, 'batch'),
    };
    const set = (values['set'] as string[] | undefined) ?? [];
    const asked: Asked = { model, preset: textOption(values, 'preset'), flags, set };
    const dataset = textOption(values, 'dataset');
    const laid = dataset === undefined ? onImageNet(asked) : onDataset(call, dataset, asked);
    const { config, plan } = laid;
    const against = textOption(values, 'against');
    const held = against === undefined ? null : heldAgainst(against, laid);
    return Promise.resolve({
      json: {
        plan: { stages: plan.stages, totals: plan.totals, adaptive: plan.adaptive },
        config,
        ...(held && { against: held.json }),
      },
      text: [planText(plan, config, null), ...(held ? ['', ...held.lines] : [])].join('\n'),
    });
  },
};
