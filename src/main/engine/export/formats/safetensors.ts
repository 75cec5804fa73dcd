/**
 * PyTorch weights with timm's names and layouts, every buffer, and timm's own config.json. A whole masked autoencoder
 * has its authors' names and a config.json of its own.
 */
import { join } from 'node:path';
import { modelEntry } from '../../models';
import { openNetwork } from '../../inference/network';
import { loadTimmWeights } from '../../weights/load-timm';
import { writeSafetensors } from '../../weights/safetensors';
import { officialNamesOf, officialState, type OfficialNames } from '../../weights/official-names';
import { timmState } from '../../weights/to-timm';
import type { ExportFormat, ExportInput, ReloadedExport, ReloadOptions } from '../format';
import { valuesOf, withoutDecoder } from '../encoder-part';
import { howToLoadMae, maeConfig } from '../mae-config';
import { readManifest } from '../manifest';
import { timmConfig } from '../timm-config';
import { python } from '../python';
import { asJson, writeExportFile } from '../write-file';

export const WEIGHTS_FILE = 'model.safetensors';

/** Returns the authors' names, where they were asked for or timm does not have the network; null: timm's. */
const namesOf = ({ names, entry }: ExportInput): OfficialNames | null =>
  names === 'official' || entry.timmArgs === null ? officialNamesOf(entry.family) : null;

function write(folder: string, input: ExportInput): void {
  // PyTorch's loaders require this entry.
  const state = timmState(input.model, input.values);
  const names = namesOf(input);
  writeSafetensors(join(folder, WEIGHTS_FILE), names ? officialState(names, state) : state, { format: 'pt' });
  writeExportFile(join(folder, 'config.json'), asJson(input.part === 'all' ? maeConfig(input) : timmConfig(input)));
}

/** Opens the network's inference graph with the file's weights. */
function reload(folder: string, { cacheFolder, batch }: ReloadOptions): ReloadedExport {
  const { model: id, options, preprocessing, part } = readManifest(folder);
  const whole = modelEntry(id).create(options);
  const stored = part === 'all' ? whole : withoutDecoder(whole);
  const { values, report } = loadTimmWeights(stored, folder);
  if (report.loaded < stored.params.length || report.resized.length)
    throw new Error(`${folder} does not hold the whole of ${id}`);
  const model = withoutDecoder(stored);
  const { executor, logits } = openNetwork({ model, preprocessing, batch }, cacheFolder);
  executor.write(valuesOf(model, values));
  return {
    run: (images, count) => ({ outputs: logits(images, count), probabilities: null }),
    dispose: () => executor.dispose(),
  };
}

/** Says how to load the weights into code that this program does not know how to call. */
const howToLoadState = (whose: string, folder: string): string =>
  [
    whose,
    '',
    'From the parent of this folder:',
    '',
    '```python',
    'from safetensors.torch import load_file',
    '',
    `state = load_file(${python(`${folder}/${WEIGHTS_FILE}`)})`,
    '# model.load_state_dict(state, strict=True)',
    '```',
  ].join('\n');

function howToLoad(input: ExportInput, folder: string): string {
  if (input.part === 'all') return howToLoadMae(input, folder, WEIGHTS_FILE);
  const names = namesOf(input);
  if (names)
    return howToLoadState(
      `Its parameters have the names of ${names.source}, which that code and the toolboxes written for it load.`,
      folder,
    );
  if (!input.entry.timmArgs)
    return howToLoadState(
      "Its parameters have timm's names and layouts, but timm has no function that builds this variant.",
      folder,
    );
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
    num_classes
      ? '# probabilities = model(transform(image).unsqueeze(0)).softmax(-1), in the order of label_names in config.json'
      : '# features = model(transform(image).unsqueeze(0)), the class token behind the last norm',
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

export const format: ExportFormat = { id: 'safetensors', parts: ['encoder', 'all'], write, reload, howToLoad };
