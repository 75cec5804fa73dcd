/**
 * Interface of an export format. Each format is one file in formats/, named like its id; the folder is the registry.
 */
import type { MaeSettings } from '../tasks/mae/settings';
import type { Preprocessing } from '../data/preprocessing';
import type { Model, ModelEntry } from '../types';
import type { ExportNames } from '../../../shared/export-names';
import type { ExportPart } from '../../../shared/export-part';

export interface ExportInput {
  entry: ModelEntry;
  /** The model as it is exported: a masked autoencoder without its decoder where `part` is `encoder`. */
  model: Model;
  part: ExportPart;
  /** Naming of its parameters in the file. */
  names: ExportNames;
  /** Values by timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
  /** Class names, in the order of the logits; empty where the export gives features. */
  classes: readonly string[];
  preprocessing: Preprocessing;
  /** Settings of a masked autoencoder's pre-training. */
  mae: MaeSettings | null;
}

/** Outputs of the written files for some images. */
export interface ExportOutput {
  /** Logits float32 [N, classes], or features float32 [N, numFeatures] of a model without classes. */
  outputs: Float32Array;
  /** Probabilities float32 [N, classes], where the format returns them itself. */
  probabilities: Float32Array | null;
}

export interface ReloadOptions {
  cacheFolder: string;
  /** Number of images passed at once; the format's files themselves take any number unless they say otherwise. */
  batch: number;
}

/** A written export made runnable again from its files alone. */
export interface ReloadedExport {
  /** Runs the export on images uint8 [N, size, size, 3], N at most `batch`. */
  run: (images: Uint8Array, count: number) => ExportOutput;
  dispose: () => void;
}

export interface ExportFormat {
  id: string;
  /** The parts of a masked autoencoder that it can hold. */
  parts: readonly ExportPart[];
  /** Writes its files into an empty folder and syncs them. */
  write: (folder: string, input: ExportInput) => void;
  /** Reloads an export for the parity check, in a process that knows only the folder. */
  reload: (folder: string, options: ReloadOptions) => ReloadedExport;
  /**
   * Returns Markdown that says how to load the folder of this name, from its parent, with the tools it is made for. Its
   * code runs unchanged.
   */
  howToLoad: (input: ExportInput, folder: string) => string;
}
