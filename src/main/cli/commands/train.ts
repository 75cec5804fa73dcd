import { databasePath } from '../../base/home';
import { AppError } from '../../../shared/errors';
import { createBranch } from '../../services/runs/branch';
import { createRunFrom, initialWeights, namedParent } from '../../services/runs/initial-weights';
import { inheritedFrom } from '../../services/runs/inherited';
import { withBatchOptions } from '../batch-options';
import { branchRequest } from '../branch-option';
import { touchedSentence, verifyDataset } from '../../services/datasets/dataset-files';
import { startTrainer } from '../../services/runs/trainer-process';
import { STATE_KEYS } from '../../engine/weights/pytorch/state';
import { findDataset } from '../../store/datasets';
import { openStore } from '../../store/open';
import { findOwnPreset } from '../../store/own-presets';
import { AGAINST } from '../against';
import type { Command, CommandCall } from '../command';
import { dryRun } from '../dry-run';
import { follow } from '../follow';
import { choiceOption, needPositionals, optionalNumber, refuseOptions, textOption } from '../options';
import { runJson } from '../run-text';

function need(values: CommandCall['values'], name: string): string {
  const value = textOption(values, name);
  if (value !== undefined) return value;
  throw new AppError({
    code: 'usage',
    what: `train needs --${name}.`,
    why: 'It was not given.',
    next: 'Run `efficienttrain train --help` for an example.',
  });
}

export const command: Command = {
  name: 'train',
  summary: 'Train a model on a dataset under a curriculum.',
  positionals: '',
  options: {
    dataset: { type: 'string', value: 'DATASET', description: 'id, prefix or name' },
    model: { type: 'string', value: 'MODEL', description: 'see `efficienttrain models`' },
    task: {
      type: 'string',
      value: 'TASK',
      description: "what is learned, e.g. classify or mae (default: the model's)",
    },
    preset: {
      type: 'string',
      value: 'PRESET',
      description: "schedule, see `efficienttrain presets`, or one of your own (default: the model's)",
    },
    size: { type: 'string', value: 'PX', description: "final image size (default: the model's)" },
    epochs: {
      type: 'string',
      value: 'E',
      description: 'equivalent epochs: compute in passes at the final size (default 200)',
    },
    batch: { type: 'string', value: 'N', description: 'images a step' },
    replay: {
      type: 'string',
      value: 'published',
      description:
        "replay buffer: each stage trains prepared images as often as the authors' scripts do (default: once)",
    },
    'early-large-batch': {
      type: 'boolean',
      description: 'the largest batch that fits for stages below the final size (default: one batch for all)',
    },
    seed: { type: 'string', value: 'N', description: 'seed of everything random (default 0)' },
    name: { type: 'string', value: 'NAME', description: "the run's name" },
    init: {
      type: 'string',
      value: 'RUN|FILE',
      description: 'start from the best weights of a run, or from a safetensors or PyTorch file with timm names',
    },
    'init-key': {
      type: 'string',
      value: 'KEY',
      description: `of the weights in a PyTorch file (default: the first of ${STATE_KEYS.join(', ')})`,
    },
    branch: {
      type: 'string',
      value: 'RUN@K',
      description:
        "continue from the end of a run's stage K with other stages; every other field is that run's unless given here",
    },
    teacher: {
      type: 'string',
      value: 'RUN|FILE',
      description:
        'an experiment: learn its answers beside the labels (a run, a file of weights, or the folder of an export)',
    },
    'teacher-model': { type: 'string', value: 'MODEL', description: 'of a teacher that is a file of weights' },
    distill: {
      type: 'string',
      value: 'soft|hard',
      description: "the teacher's probabilities, or the class that it ranks first (default: soft)",
    },
    config: { type: 'string', value: 'FILE', description: 'JSON configuration, any part of it' },
    set: {
      type: 'string',
      value: 'FIELD=VALUE',
      multiple: true,
      description: 'one field of the configuration, e.g. optimizer.base_lr=1e-3',
    },
    reference: {
      type: 'string',
      value: 'E',
      description:
        'epochs of constant training that --dry-run compares the plan with (default 1.5 times --epochs, as in the papers)',
    },
    against: { ...AGAINST, description: `with --dry-run: ${AGAINST.description}` },
    'dry-run': { type: 'boolean', description: 'print the plan and what it will take, and train nothing' },
    detach: { type: 'boolean', description: 'train in the background and return at once' },
  },
  examples: [
    'efficienttrain train --dataset flowers --model resnet18 --size 128 --epochs 20 --batch 32',
    'efficienttrain train --dataset flowers --model deit_tiny_patch16_224 --dry-run',
    'efficienttrain train --dataset photos --model mae_vit_base_patch16 --task mae',
    'efficienttrain train --dataset flowers --init k3m9',
    'efficienttrain train --dataset flowers --init k3m9 --task probe',
    'efficienttrain train --dataset flowers --model deit_tiny_patch16_224 --teacher k3m9',
    'efficienttrain train --branch k3m9@6 --set schedule.stages.6.bandwidth=192',
  ],
  loadsEngine: (values) => values['dry-run'] === true || values['early-large-batch'] === true,
  run: async (call) => {
    const { positionals, values, home, json } = call;
    needPositionals('train', positionals, 0);
    if (values['dry-run'] !== true)
      refuseOptions(values, ['reference', 'against'], {
        where: 'without --dry-run',
        why: 'It says what the plan is compared with, and a run that trains prints no plan.',
        next: 'Add --dry-run, or leave it out.',
      });
    const store = openStore(databasePath(home));
    const branch = textOption(values, 'branch');
    const branched = branchRequest(store, branch);
    const dataset = findDataset(store, textOption(values, 'dataset') ?? branched?.dataset ?? need(values, 'dataset'));
    const [asked, configFile] = [textOption(values, 'preset'), textOption(values, 'config')];
    const ownPreset = asked === undefined ? null : findOwnPreset(store, asked);
    const preset = ownPreset ? undefined : asked;
    const init = textOption(values, 'init');
    const parent = namedParent(store, init ?? null);
    const inherited = parent ? inheritedFrom(parent, textOption(values, 'task')) : {};
    const flags = {
      ...{
        size: optionalNumber(values, 'size'),
        'schedule.equivalent_epochs': optionalNumber(values, 'epochs'),
        'data.batch': optionalNumber(values, 'batch'),
      },
      ...{ seed: optionalNumber(values, 'seed'), init, init_key: textOption(values, 'init-key') },
      name: textOption(values, 'name'),
      task: textOption(values, 'task'),
      branch,
      'distillation.teacher': textOption(values, 'teacher'),
      'distillation.model': textOption(values, 'teacher-model'),
      'distillation.kind':
        values['distill'] === undefined ? undefined : choiceOption(values, 'distill', ['soft', 'hard'], 'soft'),
    };
    const resolved = await withBatchOptions(store, values, {
      dataset,
      model: textOption(values, 'model') ?? inherited.model ?? branched?.model ?? need(values, 'model'),
      usualPreset: inherited.preset,
      flags,
      ...(branched && { base: branched.base }),
      set: (values['set'] as string[] | undefined) ?? [],
      ...(preset === undefined ? {} : { preset }),
      ...(ownPreset && { ownPreset: ownPreset.schedule }),
      ...(configFile === undefined ? {} : { configFile }),
    });
    if (resolved.config.init === null)
      refuseOptions(values, ['init-key'], {
        where: 'without --init',
        why: 'It names the weights within the file that a run starts from.',
        next: 'Add --init FILE, or leave it out.',
      });
    const said = touchedSentence(dataset, await verifyDataset(store, dataset));
    if (said) call.log(said);
    const initial = await initialWeights(home, store, resolved.config, dataset.classes.length);
    if (initial.said) call.log(initial.said);
    const { config } = initial;
    if (values['dry-run'] === true) return dryRun(call, store, { config, plan: resolved.plan, dataset });
    const run =
      config.branch === null
        ? createRunFrom(home, store, resolved, initial)
        : await createBranch(home, store, { ...resolved, config });
    store.close();
    if (values['detach'] === true) {
      await startTrainer({ home, runId: run.id, config: run.config, detach: true }).running;
      return {
        json: { run: runJson(run) },
        text: `Run ${run.name} (${run.id}) trains in the background.\nNext: efficienttrain show ${run.id}; efficienttrain stop ${run.id}`,
      };
    }
    return follow(call, run, json);
  },
};
