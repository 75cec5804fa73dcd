/** Writes config.json in the form that timm's `create_model('local-dir:FOLDER')` and the Hugging Face hub read. */
import type { ExportInput } from './format';

export interface TimmConfig {
  architecture: string;
  num_classes: number;
  num_features: number;
  label_names: string[];
  model_args: Record<string, unknown>;
  pretrained_cfg: Record<string, unknown>;
}

/**
 * Returns the names, without `.weight`, of the first parameter of rank 4 (the stem convolution) and of the classifier.
 */
function stems({ model }: ExportInput): { first: string; classifier: string } {
  const weights = model.params.filter(({ name }) => name.endsWith('.weight'));
  const stem = (name: string | undefined): string => (name ?? '').replace(/\.weight$/, '');
  return {
    first: stem(weights.find(({ timmShape }) => timmShape.length === 4)?.name),
    // Without classes there is no classifier. timm's vision transformers would otherwise name one.
    classifier: model.options.num_classes ? stem(weights.at(-1)?.name) : 'head',
  };
}

export function timmConfig(input: ExportInput): TimmConfig {
  const { entry, model, classes, preprocessing } = input;
  const { size, crop_pct, interpolation, mean, std } = preprocessing;
  const { timmArgs, timmArgsAt } = entry;
  const { first, classifier } = stems(input);
  const { global_pool } = model.options;
  return {
    // A network that timm can't build keeps its own name.
    architecture: timmArgs?.name ?? entry.id,
    num_classes: model.options.num_classes,
    num_features: model.numFeatures,
    label_names: model.options.num_classes ? [...classes] : [],
    model_args: { ...timmArgs?.kwargs, ...timmArgsAt?.(size), ...(global_pool ? { global_pool } : {}) },
    pretrained_cfg: {
      num_classes: model.options.num_classes,
      input_size: [3, size, size],
      fixed_input_size: timmArgsAt !== undefined,
      crop_pct,
      crop_mode: 'center',
      interpolation,
      mean,
      std,
      first_conv: first,
      classifier,
      custom_load: false,
    },
  };
}
