/** A draft while it is edited. */
import { beforeEach, describe, expect, it, vi } from 'vitest';
import { computed, shallowRef } from 'vue';
import { draftBodySchema, type DraftBody, type ScheduleFile } from '../../../src/shared/contract/drafts';
import type { DatasetInfo } from '../../../src/shared/contract/datasets';
import type { ModelInfo } from '../../../src/shared/contract/models';
import { modelEntry } from '../../../src/main/engine/models';
import { macsOf } from '../../../src/renderer/views/new-run/macs';

const settings = { workers: 2, checkpoint_every_seconds: 300, keep_last: 2, intra_op_threads: null };
vi.mock('../../../src/renderer/stores/app', () => ({ useAppStore: () => ({ settings }) }));
vi.mock('../../../src/renderer/stores/tasks', () => ({ useTasks: () => ({ byId: () => null }) }));
const { createDesign } = await import('../../../src/renderer/views/new-run/use-design');

const infoOf = (id: string): ModelInfo => ({ ...modelEntry(id), macs: [[224, 1e9]] }) as unknown as ModelInfo;
const models = ['deit_tiny_patch16_224', 'resnet50'].map(infoOf);
const dataset = { id: 'd', counts: { train: { a: 600, b: 400 } } } as unknown as DatasetInfo;

let design: ReturnType<typeof createDesign>;
const draft = (fields: Partial<DraftBody> = {}): ReturnType<typeof createDesign> => {
  const body = draftBodySchema.parse({
    dataset: 'd',
    model: 'deit_tiny_patch16_224',
    preset: 'efficienttrain++',
    ...fields,
  });
  return createDesign({ body, models, datasets: computed(() => [dataset]), rates: shallowRef([]) });
};
beforeEach(() => {
  design = draft();
});

describe('a design', () => {
  it('is a configuration, its stages, and the plan that they come to', () => {
    expect(design.config.value).toMatchObject({ model: 'deit_tiny_patch16_224', data: { workers: 2 } });
    expect([design.images.value, design.size.value, design.problems.value]).toEqual([1000, 224, []]);
    expect(design.plan.value?.stages).toHaveLength(design.stages.value.length);
    expect([design.error.value, design.nearestSize.value]).toEqual([null, null]);
  });

  it('says why it is no configuration', () => {
    const broken = draft({ overrides: { 'data.hflip': 7 } });
    expect([broken.config.value, broken.plan.value]).toEqual([null, null]);
    expect(broken.error.value?.what).toContain('not valid');
  });

  it('undoes a gesture at once, and redoes it', () => {
    const sides = (): number[] => design.stages.value.map(({ bandwidth }) => bandwidth);
    const before = sides();
    const drag = (bandwidth: number): void =>
      design.edit(([first, ...others]) => [{ ...first!, bandwidth }, ...others], 'drag');
    drag(112);
    drag(128);
    design.endGesture();
    expect(sides()[0]).toBe(128);
    design.undo();
    expect([sides(), design.canUndo.value, design.canRedo.value]).toEqual([before, false, true]);
    design.redo();
    expect(sides()[0]).toBe(128);
  });

  it('imports a schedule whole, and takes back that alone', () => {
    design.override('data.workers', 5);
    const [stages, share] = [design.stages.value, design.body.value.share_of];
    const adaptive = { kind: 'checkpoint', radius: 8, threshold: 0.1 } as unknown as ScheduleFile['adaptive'];
    const takeBack = design.importSchedule({
      ...{ format: 'efficienttrain-schedule', version: 1, title: 'a', share_of: 'epochs', size: 448 },
      ...{ stages: [{ bandwidth: 320, share: 1, magnitude: null }] as unknown as ScheduleFile['stages'] },
      ...{ lr_progress: 'images' as const, ...(adaptive && { adaptive }) },
    });
    expect(design.body.value).toMatchObject({ stages: [{ bandwidth: 160 }], share_of: 'epochs' });
    expect(design.body.value.overrides).toEqual({
      ...{ 'data.workers': 5, 'optimizer.lr_progress': 'images', 'schedule.adaptive': adaptive },
    });
    design.override('seed.later', 1);
    takeBack();
    expect([design.body.value.stages, design.body.value.share_of]).toEqual([null, share]);
    expect(design.body.value.overrides).toEqual({ 'data.workers': 5, 'seed.later': 1 });
    expect(design.stages.value.map(({ bandwidth }) => bandwidth)).toEqual(stages.map(({ bandwidth }) => bandwidth));
  });

  it('takes no step for an edit that changes nothing', () => {
    design.edit((stages) => [...stages]);
    expect(design.canUndo.value).toBe(false);
  });

  it('scales edited stages with the final size, and names the nearest side that the model takes', () => {
    design.edit((stages) => stages.map((stage) => ({ ...stage, bandwidth: stage.bandwidth === 224 ? 224 : 112 })));
    design.setSize(448);
    expect(design.stages.value.map(({ bandwidth }) => bandwidth)).toContain(224);
    design.setSize(100);
    expect(design.nearestSize.value).toBe(96);
  });

  it('keeps of another model what says nothing about how it learns', () => {
    design.override('data.workers', 5);
    design.override('optimizer.base_lr', 1);
    design.setModel('resnet50');
    expect(design.body.value).toMatchObject({ model: 'resnet50', stages: null, overrides: { 'data.workers': 5 } });
    expect(design.body.value.overrides).not.toHaveProperty('optimizer.base_lr');
    design.reset('data.workers');
    expect(design.body.value.overrides).toEqual({});
    design.setModel('nothing');
    expect(design.body.value.model).toBe('resnet50');
  });
});

it('multiply-adds grow with the pixels beyond the sides that a model lists', () => {
  const macs = macsOf({
    macs: [
      [100, 10],
      [200, 50],
    ],
  });
  expect([macs(100), macs(200), macs(400), macs(50)]).toEqual([10, 50, 200, 2.5]);
  expect(macsOf(null)(8)).toBe(64);
});

describe('the task of a design', () => {
  const all = ['deit_micro', 'resnet_micro', 'mae_vit_micro_patch4'].map((id): ModelInfo => {
    const entry = modelEntry(id);
    const classifier = id.startsWith('mae') ? 'deit_micro' : id;
    return { ...infoOf(id), parameters: entry.parameters(1000), classifier } as ModelInfo;
  });
  const made = (fields: Partial<DraftBody>): ReturnType<typeof createDesign> =>
    createDesign({
      ...{ body: draftBodySchema.parse({ dataset: 'd', ...fields }), models: all },
      ...{ datasets: computed(() => [dataset]), rates: shallowRef([]) },
    });

  it('becomes a linear probe of the same model and weights, by its recipe, and classification again', () => {
    const probed = made({
      model: 'deit_micro',
      overrides: { init: 'run:mae', 'data.hflip': 0.1, 'engine.device': 'cpu' },
    });
    probed.setTask('probe');
    expect(probed.body.value).toMatchObject({ model: 'deit_micro', preset: 'probe-mae', equivalent_epochs: 90 });
    expect(probed.body.value.overrides).toEqual({ init: 'run:mae', task: 'probe', 'engine.device': 'cpu' });
    expect(probed.config.value).toMatchObject({
      task: 'probe',
      optimizer: { name: 'lars' },
      data: { auto_augment: 'none' },
    });
    expect(probed.magnitudes.value).toBe(false);
    probed.setTask('classify');
    expect(probed.body.value).toMatchObject({ model: 'deit_micro', equivalent_epochs: 200 });
    expect(probed.body.value.overrides).toEqual({ init: 'run:mae', 'engine.device': 'cpu' });
    expect([probed.config.value?.task, probed.magnitudes.value]).toEqual(['classify', true]);
  });

  it('has its own models: of a masked autoencoder that becomes a probe the classifier with its encoder', () => {
    const design = made({ model: 'mae_vit_micro_patch4', preset: 'constant' });
    expect([design.task.value, design.magnitudes.value]).toEqual(['mae', false]);
    design.setTask('probe');
    expect([design.body.value.model, design.task.value]).toEqual(['deit_micro', 'probe']);
    design.setModel('resnet_micro');
    expect([design.task.value, design.body.value.preset, design.config.value?.task]).toEqual([
      'probe',
      'probe-mae',
      'probe',
    ]);
  });
});
