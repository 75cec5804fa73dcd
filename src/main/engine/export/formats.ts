/** The registry of export formats: every file of formats/ contributes one. */
import { AppError } from '../../../shared/errors';
import type { ExportFormat } from './format';

const files = import.meta.glob<{ format: ExportFormat }>('./formats/*.ts', { eager: true });

function collect(): Map<string, ExportFormat> {
  const formats = new Map<string, ExportFormat>();
  for (const [path, { format }] of Object.entries(files)) {
    if (!path.endsWith(`/${format.id}.ts`)) throw new Error(`${path} holds the export format ${format.id}`);
    if (formats.has(format.id)) throw new Error(`two export formats are called ${format.id}`);
    formats.set(format.id, format);
  }
  return formats;
}

const FORMATS = collect();

export const exportFormats = (): readonly ExportFormat[] => [...FORMATS.values()];

/** Returns the format of an id. @throws AppError not_found */
export function exportFormat(id: string): ExportFormat {
  const format = FORMATS.get(id);
  if (format) return format;
  throw new AppError({
    code: 'not_found',
    what: `There is no export format ${id}.`,
    why: `The formats are ${[...FORMATS.keys()].join(', ')}.`,
    next: 'Choose one of them.',
  });
}
