import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { modelEntry } from '../../models';
import { loadTimmWeights } from '../../weights/load-timm';
import { writeSafetensors } from '../../weights/safetensors';
import { timmState } from '../../weights/to-timm';
import { noteOf, type ExportJob, type Exporter, type ExportNote } from '../export-job';
import { logitsOf } from '../infer';

/** Arguments of timm.create_model beside num_classes. */
function modelArgs({ entry, config }: ExportJob): Record<string, unknown> {
  return { ...entry.timmArgs.kwargs, ...(entry.family === 'vit' ? { img_size: config.size } : {}) };
}

/** timm's form of a model's config.json; `efficienttrain_studio` is ours, for reading it back. */
function timmConfig(job: ExportJob): unknown {
  const { entry, model, config, classes } = job;
  const { mean, std, crop_pct, interpolation } = config.data;
  const input_size = [3, config.size, config.size];
  return {
    architecture: entry.timmArgs.name,
    num_classes: classes.length,
    num_features: model.numFeatures,
    model_args: modelArgs(job),
    label_names: classes,
    pretrained_cfg: { tag: config.schedule.preset, custom_load: false, input_size, fixed_input_size: entry.family === 'vit', interpolation, crop_pct, crop_mode: 'center', mean, std, num_classes: classes.length, pool_size: null },
    efficienttrain_studio: noteOf(job),
  };
}

const python = (value: unknown): string => (Array.isArray(value) ? `[${value.map(python).join(', ')}]` : typeof value === 'string' ? `'${value}'` : String(value));

export const exporter: Exporter = {
  id: 'safetensors',
  output: 'logits',
  write: (job, folder) => {
    writeSafetensors(join(folder, 'model.safetensors'), timmState(job.model, job.values), { format: 'pt' });
    writeFileSync(join(folder, 'config.json'), `${JSON.stringify(timmConfig(job), null, 2)}\n`);
  },
  run: (folder, images, count, cacheFolder) => {
    const { efficienttrain_studio: note } = JSON.parse(readFileSync(join(folder, 'config.json'), 'utf8')) as { efficienttrain_studio: ExportNote };
    const model = modelEntry(note.model).create({ num_classes: note.num_classes, img_size: note.size, drop_path_rate: 0, drop_rate: 0 });
    return logitsOf(model, loadTimmWeights(model, folder).values, note, images, count, cacheFolder);
  },
  usage: (job) => {
    const { entry, classes, config } = job;
    const args = [...Object.entries(modelArgs(job)).map(([key, value]) => `${key}=${python(value)}`), `num_classes=${classes.length}`].join(', ');
    const { crop_pct, interpolation, mean, std } = config.data;
    return [
      '```python',
      'import timm',
      'from safetensors.torch import load_file',
      '',
      `model = timm.create_model('${entry.timmArgs.name}', ${args})`,
      "model.load_state_dict(load_file('model.safetensors'), strict=True)",
      'model.eval()',
      `transform = timm.data.create_transform(input_size=${config.size}, interpolation='${interpolation}', crop_pct=${crop_pct}, mean=${python(mean)}, std=${python(std)})`,
      '```',
    ].join('\n');
  },
};
