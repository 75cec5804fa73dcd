/** Export formats: every file of formats/ brings one. */
import { AppError } from '../../../shared/errors';
import type { Exporter } from './export-job';

const files = import.meta.glob<{ exporter: Exporter }>('./formats/*.ts', { eager: true });

function collect(): Map<string, Exporter> {
  const exporters = new Map<string, Exporter>();
  for (const { exporter } of Object.values(files)) {
    if (exporters.has(exporter.id)) throw new Error(`two export formats are called ${exporter.id}`);
    exporters.set(exporter.id, exporter);
  }
  return exporters;
}

const EXPORTERS = collect();

/** @throws AppError not_found */
export function exporterOf(id: string): Exporter {
  const exporter = EXPORTERS.get(id);
  if (exporter) return exporter;
  throw new AppError({ code: 'not_found', what: `There is no export format ${id}.`, why: `The formats are ${[...EXPORTERS.keys()].sort().join(', ')}.`, next: 'Give one of them with --format.' });
}
