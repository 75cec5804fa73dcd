import { describe, expect, it } from 'vitest';
import { recipeFields, type RecipeField } from '../../src/shared/schedule-editor/recipe-fields';
import { knownFields } from '../../src/shared/run-config-resolve';

const field = (path: string): RecipeField => {
  const found = recipeFields().find((candidate) => candidate.path === path);
  if (!found) throw new Error(`no field ${path}`);
  return found;
};

describe('recipe fields', () => {
  it('are all of the schema, but for those that the form has itself and the filter, which is no single value', () => {
    const missing = knownFields().filter((path) => !recipeFields().some((candidate) => candidate.path === path));
    expect(missing.sort()).toEqual(
      [
        'data.filter',
        'dataset',
        'model',
        'name',
        'schedule.equivalent_epochs',
        'schedule.preset',
        'schedule.share_of',
        'schedule.stages',
        'seed',
        'size',
      ].sort(),
    );
  });

  it('have the kind of control that fits', () => {
    expect(field('optimizer.name')).toMatchObject({
      kind: 'choice',
      choices: ['adamw', 'sgd', 'lamb', 'lars'],
      nullable: false,
    });
    expect(field('optimizer.layer_decay')).toMatchObject({
      kind: 'number',
      nullable: true,
      min: 0,
      max: 1,
      standard: null,
    });
    expect(field('optimizer.trust_coefficient')).toMatchObject({ kind: 'number', nullable: false, standard: 0.001 });
    expect(field('optimizer.betas')).toMatchObject({ kind: 'numbers', length: 2 });
    expect(field('data.mean')).toMatchObject({ kind: 'numbers', length: 3 });
    expect(field('optimizer.nesterov').kind).toBe('boolean');
    expect(field('optimizer.warmup').kind).toBe('warmup');
    expect(field('optimizer.clip_grad_norm')).toMatchObject({ kind: 'number', nullable: true, standard: null });
    expect(field('engine.intra_op_threads')).toMatchObject({ kind: 'integer', nullable: true, min: 1, max: null });
    expect(field('data.hflip')).toMatchObject({
      kind: 'number',
      min: 0,
      max: 1,
      standard: 0.5,
      section: 'data',
      name: 'hflip',
    });
    expect(field('mae.target')).toMatchObject({
      kind: 'choice',
      choices: ['pixels', 'hog'],
      standard: 'pixels',
      section: 'mae',
    });
    expect(field('mae.norm_pix_loss').kind).toBe('boolean');
    expect(field('mae.decoder_depth')).toMatchObject({ kind: 'integer', nullable: true, min: 1, standard: null });
    expect(field('init')).toMatchObject({ kind: 'text', nullable: true, section: '' });
  });
});
