/** The configuration's fields that the design of a run shows for a task. */
import { describe, expect, it } from 'vitest';
import { recipeFields } from '../../../src/shared/schedule-editor/recipe-fields';
import { isOfTask } from '../../../src/renderer/views/new-run/task-fields';

const fieldsOf = (task: string): string[] =>
  recipeFields()
    .map(({ path }) => path)
    .filter((path) => isOfTask(path, task));

describe('the fields of a task', () => {
  it('are those of masks, targets and the decoder for masked autoencoders, without what mixes labels or has a magnitude', () => {
    const fields = fieldsOf('mae');
    expect(fields.filter((path) => path.startsWith('mae.'))).toEqual([
      ...['mae.mask_ratio', 'mae.norm_pix_loss', 'mae.target', 'mae.decoder_embed_dim', 'mae.decoder_depth'],
      ...['mae.decoder_num_heads', 'mae.positions'],
    ]);
    expect(fields.filter((path) => /mixup|cutmix|randaug|label_smoothing|drop/.test(path))).toEqual([]);
    expect(fields).toContain('data.hflip');
  });

  it('of a linear probe are augmented, but neither erased nor mixed', () => {
    const fields = fieldsOf('probe');
    expect(fields.filter((path) => /^mae\.|mixup|cutmix|label_smoothing|reprob|remode|drop_/.test(path))).toEqual([]);
    expect(fields).toEqual(
      expect.arrayContaining(['data.auto_augment', 'model_args.global_pool', 'optimizer.trust_coefficient']),
    );
  });

  it('are all others for classification, and never the task, which is chosen above', () => {
    expect(fieldsOf('classify')).toEqual(
      recipeFields()
        .map(({ path }) => path)
        .filter((path) => path !== 'task' && !path.startsWith('mae.')),
    );
  });
});
