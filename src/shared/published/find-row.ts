/** Finds a paper's row by its name in words, such as "Swin-T, TPAMI 2024, 200 epochs". */
import { AppError } from '../errors';
import { PUBLISHED_RESULTS } from './results';
import { IMAGENET, PLAIN, type PublishedRow } from './row';

/**
 * Rows that a training run can be compared with: those that trained a network for classification, or an autoencoder.
 */
export const TRAINED_ROWS: readonly PublishedRow[] = PUBLISHED_RESULTS.filter(
  ({ where }) => where !== 'Transfer' && where !== 'Early large batch',
);

const venueOf = ({ paper }: PublishedRow): string => /(TPAMI|ICCV) \d{4}/.exec(paper)?.[0] ?? paper;

const partsOf = (row: PublishedRow): string[] => [
  ...[row.model, venueOf(row), ...(row.epochs === null ? [] : [`${row.epochs} epochs`]), row.method],
  ...[row.data, `${row.size} px`],
];

/** Names a row in words that distinguish it from the others. */
export function rowLabel(row: PublishedRow): string {
  const [data, size] = [row.data === IMAGENET ? [] : [row.data], row.size === 224 ? [] : [`${row.size} px`]];
  return [...partsOf(row).slice(0, -2), ...data, ...size].join(', ');
}

const same = (one: string, other: string): boolean => one.trim().toLowerCase() === other.trim().toLowerCase();

function refused(what: string, why: string, rows: readonly PublishedRow[]): AppError {
  const shown = rows.slice(0, 8).map((row) => `"${rowLabel(row)}"`);
  return new AppError({ code: 'not_found', what, why, next: `Name one row, for example ${shown.join(' or ')}.` });
}

/**
 * Returns the row whose parts, separated by commas, are all named: model, paper, epochs, method, data, size. Where
 * several fit, the one of a curriculum on ImageNet-1K at 224 px is taken.
 *
 * @throws AppError not_found where none fits, or several
 */
export function findRow(text: string): PublishedRow {
  const asked = text.split(/,(?![^(]*\))/).map((part) => part.trim());
  const fitting = TRAINED_ROWS.filter((row) => {
    const whole = [...partsOf(row), row.id];
    // A method may contain a comma.
    return same(rowLabel(row), text) || asked.every((part) => whole.some((own) => same(own, part)));
  });
  const exact = fitting.filter((row) => same(rowLabel(row), text));
  const usual = fitting.filter(({ method, data, size }) => method !== PLAIN && data === IMAGENET && size === 224);
  const found = [exact, fitting, usual].find((rows) => rows.length === 1)?.[0];
  if (found) return found;
  if (fitting.length)
    throw refused(`Several rows are called ${text}.`, 'They differ in method, length or size.', fitting);
  const ofModel = TRAINED_ROWS.filter(({ model }) => same(model, asked[0] ?? ''));
  const [why, rows] = ofModel.length
    ? ([`The papers have ${ofModel.length} rows of ${ofModel[0]?.model}, but none with all of that.`, ofModel] as const)
    : ([
        `The papers' models are ${[...new Set(TRAINED_ROWS.map(({ model }) => model))].join(', ')}.`,
        TRAINED_ROWS,
      ] as const);
  throw refused(`No row of the papers is called ${text}.`, why, rows);
}
