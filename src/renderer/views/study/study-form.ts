/** Holds the form of a new study, and makes its request. Pure. */
import { studyRequestSchema, type StudyRequest } from '../../../shared/contract/studies';

export interface StudyFields {
  kind: 'frequency' | 'checkpoints';
  dataset: string | null;
  model: string | null;
  /** Null: the model's own size. */
  size: number | null;
  /** `auto`, or numbers separated by commas. */
  radii: string;
  epochs: number;
  batch: number;
  seeds: number;
  /** The run whose checkpoints are measured. */
  run: string | null;
  images: number;
}

export const FIRST_FIELDS: StudyFields = {
  ...{ kind: 'frequency', dataset: null, model: null, size: null, radii: 'auto', epochs: 30, batch: 64, seeds: 1 },
  ...{ run: null, images: 1000 },
};

/** Returns the radii; null where the text is neither `auto` nor a list of numbers above 0. */
export function radiiOf(text: string): number[] | 'auto' | null {
  if (['', 'auto'].includes(text.trim().toLowerCase())) return 'auto';
  const radii = text
    .split(/[\s,;，；、]+/)
    .filter(Boolean)
    .map(Number);
  return radii.length && radii.every((radius) => Number.isFinite(radius) && radius > 0) ? radii : null;
}

/** Returns the request; null where a field is missing or is no number. */
export function requestOf(fields: StudyFields): StudyRequest | null {
  const { kind, dataset, model, size, epochs, batch, seeds, run, images } = fields;
  const found = radiiOf(fields.radii);
  if (found === null) return null;
  const radii = found === 'auto' ? null : found;
  const asked =
    kind === 'frequency' ? { kind, dataset, model, size, radii, epochs, batch, seeds } : { kind, run, radii, images };
  const parsed = studyRequestSchema.safeParse(asked);
  return parsed.success ? parsed.data : null;
}
