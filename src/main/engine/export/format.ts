/** What an export format is. One file in formats/ per format, named like its id; the folder is the registry. */
import type { Preprocessing } from '../data/preprocessing';
import type { Model, ModelEntry } from '../types';

export interface ExportInput {
  entry: ModelEntry;
  model: Model;
  /** By timm's name, in the layouts used inside. */
  values: Record<string, Float32Array>;
  /** Class names, in the order of the logits. */
  classes: readonly string[];
  preprocessing: Preprocessing;
}

/** What the written files give for some images. */
export interface ExportOutput {
  /** float32 [N, classes] */
  logits: Float32Array;
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
  /** Writes its files into an empty folder, synced. */
  write: (folder: string, input: ExportInput) => void;
  /** Used by the parity check, in a process that knows nothing but the folder. */
  reload: (folder: string, options: ReloadOptions) => ReloadedExport;
  /** Markdown: how to load the folder of this name with the tools it is made for, from its parent. Its code runs as it stands. */
  howToLoad: (input: ExportInput, folder: string) => string;
}
