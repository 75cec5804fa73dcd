/** The weights that a draft starts from. */
import { expect, it } from 'vitest';
import type { ModelInfo } from '../../../src/shared/contract/models';
import { runOfInit } from '../../../src/shared/run-init';
import { fittingRuns, initOf } from '../../../src/renderer/views/new-run/start-from';
import { run } from '../runs/rows';

const model = (id: string, classifier: string | null): ModelInfo => ({ id, classifier }) as unknown as ModelInfo;
const models = [
  model('mae_vit_micro_patch4', 'deit_micro'),
  model('deit_micro', 'deit_micro'),
  model('resnet50', 'resnet50'),
];
const classifier = models[1] as ModelInfo;

it('a run is named by its id, with or without a step; anything else is a file', () => {
  expect(runOfInit('run:k3m9')).toEqual({ run: 'k3m9', step: null });
  expect(runOfInit('run:k3m9@120')).toEqual({ run: 'k3m9', step: 120 });
  expect(runOfInit('/weights/run.safetensors')).toBeNull();
});

it('a draft without init starts from random weights', () => {
  expect(['run:a', '', null, undefined].map((init) => initOf({ overrides: { init } }))).toEqual([
    'run:a',
    null,
    null,
    null,
  ]);
});

it('runs fit by their encoder: masked autoencoders too for a classifier, but for pre-training only the same model', () => {
  const runs = [
    run({ id: 'mae', task: 'mae', model: 'mae_vit_micro_patch4' }),
    run({ id: 'own', model: 'deit_micro' }),
    run({ id: 'probe', task: 'probe', model: 'deit_micro' }),
    run({ id: 'other', model: 'resnet50' }),
    run({ id: 'waiting', model: 'deit_micro', step: 0 }),
  ];
  const fitting = (of: ModelInfo, task: string): string[] => fittingRuns(runs, models, of, task).map(({ id }) => id);
  expect(fitting(classifier, 'classify')).toEqual(['mae', 'own']);
  expect(fitting(classifier, 'probe')).toEqual(['mae', 'own']);
  expect(fitting(models[0] as ModelInfo, 'mae')).toEqual(['mae']);
});
