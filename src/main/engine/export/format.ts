/** What an export format is. One file in formats/ per format, named like its id; the folder is the registry. */
import type { MaeSettings } from '../tasks/mae/settings';
import type { Preprocessing } from '../data/preprocessing';
import type { Model, ModelEntry } from '../types';
import type { ExportNames } from '../../../shared/export-names';
import type { ExportPart } from '../../../shared/export-part';

export interface ExportInput {
  entry: ModelEntry;
  /** As it is exported: a masked autoencoder without its decoder where `part` is `encoder`. */
  model: Model;
  part: ExportPart;
  /** What its parameters are called in the file. */
  names: ExportNames;
  /** By timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
  /** Class names, in the order of the logits; empty where the export gives features. */
  classes: readonly string[];
  preprocessing: Preprocessing;
  /** Of a masked autoencoder: what it was trained to predict. */
  mae: MaeSettings | null;
}

/** What the written files give for some images. */
export interface ExportOutput {
  /** float32 [N, classes]: logits; float32 [N, numFeatures]: features of a model without classes. */
  outputs: Float32Array;
  /** float32 [N, classes], where the format gives probabilities itself. */
  probabilities: Float32Array | null;
}

export interface ReloadOptions {
  cacheFolder: string;
  /** Images that are given at once; the format's files themselves take any number unless they say otherwise. */
  batch: number;
}

/** A written export made runnable again from its files alone. */
export interface ReloadedExport {
  /** images uint8 [N, size, size, 3], N at most `batch` */
  run: (images: Uint8Array, count: number) => ExportOutput;
  dispose: () => void;
}

export interface ExportFormat {
  id: string;
  /** The parts of a masked autoencoder that it can hold. */
  parts: readonly ExportPart[];
  /** Writes its files into an empty folder, synced. */
  write: (folder: string, input: ExportInput) => void;
  /** Used by the parity check, in a process that knows nothing but the folder. */
  reload: (folder: string, options: ReloadOptions) => ReloadedExport;
  /**
   * Markdown: how to load the folder of this name with the tools it is made for, from its parent. Its code runs as it
   * stands.
   */
  howToLoad: (input: ExportInput, folder: string) => string;
}
