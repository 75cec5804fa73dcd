/** `export.json` describes an export to this program. Its presence marks a folder as an export of ours. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { AppError } from '../../../shared/errors';
import { preprocessingSchema } from '../data/preprocessing';
import { EXPORT_NAMES } from '../../../shared/export-names';
import { EXPORT_PARTS } from '../../../shared/export-part';
import { asJson, writeExportFile } from './write-file';

export const MANIFEST_FILE = 'export.json';

/** A file that an export wrote. If the file differs from it now, it no longer belongs to the export. */
const writtenFile = z.object({ path: z.string(), bytes: z.int().min(0), sha256: z.string() });

export type WrittenFile = z.infer<typeof writtenFile>;

/** Options of a masked autoencoder's decoder. */
const maeOptionsSchema = z.object({
  decoder_embed_dim: z.int().min(1).exactOptional(),
  decoder_depth: z.int().min(1).exactOptional(),
  decoder_num_heads: z.int().min(1).exactOptional(),
  target_dim: z.int().min(1).exactOptional(),
  positions: z.enum(['recount', 'resample']).exactOptional(),
  mask_ratio: z.number().exactOptional(),
});

const manifestSchema = z.object({
  export_version: z.literal(1),
  format: z.string(),
  model: z.string(),
  options: z.object({
    num_classes: z.int().min(0),
    img_size: z.int().min(1),
    drop_path_rate: z.number(),
    drop_rate: z.number(),
    global_pool: z.enum(['token', 'avg']).exactOptional(),
    mae: maeOptionsSchema.exactOptional(),
    probe: z.boolean().exactOptional(),
  }),
  /** Exported part; absent in exports of earlier versions, which hold the whole model. */
  part: z.enum(EXPORT_PARTS).exactOptional(),
  /** Naming of the parameters; absent: timm's. */
  names: z.enum(EXPORT_NAMES).exactOptional(),
  preprocessing: preprocessingSchema,
  label_names: z.array(z.string()),
  run: z.object({ id: z.string(), name: z.string(), step: z.int(), weights: z.enum(['ema', 'raw']) }),
  created: z.string(),
  /** All files of the export except this one; missing in exports of earlier versions. */
  files: z.array(writtenFile).optional(),
});

export type ExportManifest = z.infer<typeof manifestSchema>;

export function writeManifest(folder: string, manifest: ExportManifest): void {
  writeExportFile(join(folder, MANIFEST_FILE), asJson(manifest));
}

/** Reads the manifest. @throws AppError not_found where the folder is no export of ours */
export function readManifest(folder: string): ExportManifest {
  const refused = (why: string): AppError =>
    new AppError({
      code: 'not_found',
      what: `${folder} is not an export of this program.`,
      why,
      next: 'Name the folder that `efficienttrain export` wrote.',
      action: { id: 'export_folder' },
    });
  let text: unknown;
  try {
    text = JSON.parse(readFileSync(join(folder, MANIFEST_FILE), 'utf8'));
  } catch (cause) {
    throw refused(`${MANIFEST_FILE} can't be read: ${(cause as Error).message}.`);
  }
  const parsed = manifestSchema.safeParse(text);
  if (!parsed.success) throw refused(`${MANIFEST_FILE}: ${z.prettifyError(parsed.error)}`);
  return parsed.data;
}

export function isExport(folder: string): boolean {
  try {
    readManifest(folder);
    return true;
  } catch (error) {
    if (error instanceof AppError) return false;
    throw error;
  }
}
