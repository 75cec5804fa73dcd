/** PyTorch weights: timm's names and layouts with every buffer, and timm's own config.json. */
import { join } from 'node:path';
import { modelEntry } from '../../models';
import { openNetwork } from '../../inference/network';
import { loadTimmWeights } from '../../weights/load-timm';
import { writeSafetensors } from '../../weights/safetensors';
import { timmState } from '../../weights/to-timm';
import type { ExportFormat, ExportInput, ReloadedExport, ReloadOptions } from '../format';
import { readManifest } from '../manifest';
import { timmConfig } from '../timm-config';
import { python } from '../python';
import { asJson, writeExportFile } from '../write-file';

export const WEIGHTS_FILE = 'model.safetensors';

function write(folder: string, input: ExportInput): void {
  // PyTorch's loaders look for this entry.
  writeSafetensors(join(folder, WEIGHTS_FILE), timmState(input.model, input.values), { format: 'pt' });
  writeExportFile(join(folder, 'config.json'), asJson(timmConfig(input)));
}

/** The network's inference graph with the file's weights. */
function reload(folder: string, { cacheFolder, batch }: ReloadOptions): ReloadedExport {
  const { model: id, options, preprocessing } = readManifest(folder);
  const model = modelEntry(id).create(options);
  const { values, report } = loadTimmWeights(model, folder);
  if (report.head_replaced || report.resized.length) throw new Error(`${folder} does not hold the whole of ${id}`);
  const { executor, logits } = openNetwork({ model, preprocessing, batch }, cacheFolder);
  executor.write(values);
  return {
    run: (images, count) => ({ logits: logits(images, count), probabilities: null }),
    dispose: () => executor.dispose(),
  };
}

function howToLoad(input: ExportInput, folder: string): string {
  const { architecture, num_classes, model_args } = timmConfig(input);
  const args = [
    python(architecture),
    ...Object.entries({ num_classes, ...model_args }).map(([name, value]) => `${name}=${python(value)}`),
  ];
  return [
    'With timm (`pip install timm safetensors`), from the parent of this folder:',
    '',
    '```python',
    'import timm',
    'from timm.data import create_transform, resolve_model_data_config',
    '',
    `model = timm.create_model(${python(`local-dir:${folder}`)}, pretrained=True).eval()`,
    'transform = create_transform(**resolve_model_data_config(model), is_training=False)',
    '# probabilities = model(transform(image).unsqueeze(0)).softmax(-1), in the order of label_names in config.json',
    '```',
    '',
    'Or by hand, where every name and shape has to agree:',
    '',
    '```python',
    'import timm',
    'from safetensors.torch import load_file',
    '',
    `model = timm.create_model(${args.join(', ')})`,
    `model.load_state_dict(load_file(${python(`${folder}/${WEIGHTS_FILE}`)}), strict=True)`,
    'model.eval()',
    '```',
  ].join('\n');
}

export const format: ExportFormat = { id: 'safetensors', write, reload, howToLoad };
