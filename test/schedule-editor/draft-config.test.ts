import { describe, expect, it } from 'vitest';
import { modelEntry } from '../../src/main/engine/models';
import { draftBodySchema, type DraftBody } from '../../src/shared/contract/drafts';
import { estimate } from '../../src/shared/schedule-editor/estimate';
import { buildPlan, type PlanStage } from '../../src/shared/curriculum/plan';
import { flatten } from '../../src/shared/run-config-resolve';
import { draftOf, resolveDraft, scaledStages } from '../../src/shared/schedule-editor/draft-config';

const model = modelEntry('deit_tiny_patch16_224');
const machine = { workers: 2, checkpoint_every_seconds: 300, keep_last: 2, intra_op_threads: null };
const draft = (fields: Partial<DraftBody> = {}): DraftBody =>
  draftBodySchema.parse({ dataset: 'd', model: model.id, ...fields });

const stages = [
  { bandwidth: 96, magnitude: 1, magnitude_end: null, share: 0.4, batch: 64, replay_times: 2 },
  { bandwidth: 224, magnitude: 9, magnitude_end: null, share: 0.6, batch: null, replay_times: 1 },
];

describe('a draft', () => {
  it('resolves to its preset, with the settings of the machine', () => {
    const { config } = resolveDraft(draft({ preset: 'constant', equivalent_epochs: 10, seed: 7 }), model, {
      ...machine,
      workers: 5,
    });
    expect(config).toMatchObject({
      seed: 7,
      data: { workers: 5 },
      schedule: { preset: 'constant', equivalent_epochs: 10 },
    });
    expect(config.schedule.stages).toHaveLength(1);
  });

  it('with edited stages is custom', () => {
    const { config } = resolveDraft(draft({ stages, share_of: 'epochs' }), model, machine);
    expect(config.schedule).toMatchObject({ preset: 'custom', share_of: 'epochs', stages });
  });

  it('overrides any field but those that it has itself', () => {
    const overrides = { 'optimizer.base_lr': 1e-3, 'data.workers': 9, size: 64, 'schedule.stages': [] };
    const { config } = resolveDraft(draft({ overrides }), model, machine);
    expect(config).toMatchObject({ size: 224, optimizer: { base_lr: 1e-3 }, data: { workers: 9 } });
  });

  it('refuses what the schema refuses', () => {
    expect(() => resolveDraft(draft({ overrides: { 'data.hflip': 7 } }), model, machine)).toThrow('not valid');
    expect(() => resolveDraft(draft({ overrides: { 'data.nonsense': 7 } }), model, machine)).toThrow('not valid');
  });
});

describe('a clone', () => {
  const overrides = {
    'optimizer.base_lr': 1e-3,
    'optimizer.warmup': { unit: 'fraction', value: 0.1 },
    'ema.decay': 0.999,
    'model_args.drop_path_rate': 0.37,
    'data.scale': [0.3, 1],
  };
  const bodies: [string, Partial<DraftBody>][] = [
    ['of a preset', { preset: 'efficienttrain', size: 192, seed: 3, name: 'a' }],
    ['of edited stages', { stages }],
    [
      'of overridden fields',
      {
        overrides: { ...overrides, 'engine.intra_op_threads': 3, 'checkpoint.keep_last': 7, init: '/a/b.safetensors' },
      },
    ],
    ['of everything', { stages, share_of: 'epochs', overrides, equivalent_epochs: 33, size: 160 }],
  ];
  it.each(bodies)('%s keeps every field, on a machine with other settings too', (_, fields) => {
    const { config } = resolveDraft(draft(fields), model, machine);
    const elsewhere = { workers: 8, checkpoint_every_seconds: 60, keep_last: 1, intra_op_threads: 16 };
    for (const settings of [machine, elsewhere]) {
      const again = resolveDraft(draftBodySchema.parse(draftOf(config, model, settings)), model, settings);
      expect(flatten(again.config)).toEqual(flatten(config));
    }
  });

  it('of a preset stays that preset', () => {
    const { config } = resolveDraft(draft({ preset: 'three-stage' }), model, machine);
    expect(draftOf(config, model, machine)).toMatchObject({ preset: 'three-stage', stages: null });
  });
});

it('a schedule scales to another final size', () => {
  const file = {
    format: 'efficienttrain-schedule',
    version: 1,
    title: 't',
    share_of: 'compute',
    size: 224,
    stages,
  } as const;
  expect(scaledStages({ ...file, stages: [...stages] }, 128, model.sizes).map(({ bandwidth }) => bandwidth)).toEqual([
    48, 128,
  ]);
});

describe('the estimate', () => {
  const { config } = resolveDraft(
    draft({ stages: stages.map((stage) => ({ ...stage, batch: null })), equivalent_epochs: 20 }),
    model,
    machine,
  );
  const plan = buildPlan(config, 1280, (size) => model.macs(size));
  const macs = (size: number): number => model.macs(size);

  it('says nothing where nothing was measured', () => {
    expect(estimate(plan, [], macs)).toEqual({ stages: [null, null], total: null, measured: false });
  });

  it('takes measured speeds, and scales the nearest by multiply-adds', () => {
    const rates = [{ bandwidth: 224, batch: 128, seconds: 0.01, load: 0 }];
    const { stages: seconds, total, measured } = estimate(plan, rates, macs);
    expect(seconds[1]).toBeCloseTo((plan.stages[1]?.images ?? 0) * 0.01, 9);
    expect(seconds[0]).toBeCloseTo(((plan.stages[0]?.images ?? 0) * 0.01 * macs(96)) / macs(224), 9);
    expect(total).toBeCloseTo((seconds[0] ?? 0) + (seconds[1] ?? 0), 9);
    expect(measured).toBe(false);
    expect(estimate(plan, [...rates, { bandwidth: 96, batch: 128, seconds: 0.002, load: 0 }], macs).measured).toBe(
      true,
    );
  });

  it('lets the slower of steps and loading decide, and loading falls by the times that images are replayed', () => {
    const rates = [
      { bandwidth: 224, batch: 128, seconds: 0.01, load: 0 },
      { bandwidth: 96, batch: 128, seconds: 0.002, load: 0.008 },
    ];
    const [small, large] = plan.stages as [PlanStage, PlanStage];
    const replayed = (replay_times: number) => ({ stages: [{ ...small, replay_times }, large] });
    const of = (times: number): number | null => estimate(replayed(times), rates, macs).stages[0] ?? null;
    // Steps of 2 ms an image wait for 8 ms of loading, for 4 ms where each image trains twice, and not at all where it
    // trains four times.
    expect([of(1), of(2), of(4), of(8)]).toEqual([0.008, 0.004, 0.002, 0.002].map((each) => each * small.images));
    expect(estimate(replayed(1), rates, macs).stages[1]).toBe(0.01 * large.images);
  });
});
