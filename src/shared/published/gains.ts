/** Returns the gains of the papers' curricula for one of our models: each row of a curriculum beside its baseline. */
import { modelOfRow } from './paper-model';
import { PUBLISHED_RESULTS } from './results';
import { FIRST, PLAIN, TPAMI, type PublishedRow } from './row';

/** A row with an accuracy. */
export interface Measured extends PublishedRow {
  top1: number;
}

export interface Gain {
  plain: Measured;
  curriculum: Measured;
}

const isMeasured = (row: PublishedRow): row is Measured => row.top1 !== null;

/**
 * Says whether a row is a curriculum's. Both papers' names begin alike: "EfficientTrain++, half the cost", "MAE with
 * HOG targets, EfficientTrain++".
 */
const isCurriculum = ({ method }: PublishedRow): boolean => method.includes(FIRST);

const isPlainOf =
  (row: PublishedRow) =>
  ({ paper, where, model, data, size, method }: PublishedRow): boolean =>
    paper === row.paper &&
    where === row.where &&
    model === row.model &&
    data === row.data &&
    size === row.size &&
    (method === PLAIN || method === 'MAE');

/**
 * Returns the gains of a model. A baseline has the length that the paper compares with the curriculum's: its longest.
 * Rows whose paper has no baseline of the same network and size are left out.
 */
export function gainsOf(model: string): Gain[] {
  const rows = PUBLISHED_RESULTS.filter(isMeasured).filter((row) => modelOfRow(row) === model);
  return rows.filter(isCurriculum).flatMap((curriculum) => {
    const [plain] = rows.filter(isPlainOf(curriculum)).toSorted((a, b) => (b.epochs ?? 0) - (a.epochs ?? 0));
    return plain ? [{ plain, curriculum }] : [];
  });
}

/**
 * Returns the gain for a table: that of the newer paper, at its smallest size, with 200 equivalent epochs where there
 * are several.
 */
export function headlineOf(model: string): Gain | null {
  const gains = gainsOf(model);
  const [first = null] = gains.toSorted(
    ({ curriculum: a }, { curriculum: b }) =>
      Number(b.paper === TPAMI) - Number(a.paper === TPAMI) ||
      a.size - b.size ||
      Number(b.epochs === 200) - Number(a.epochs === 200),
  );
  return first;
}
