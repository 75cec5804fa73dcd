/** Statistics over several seeds for the sections of docs/results.md. */

/** Two-sided 95 % quantiles of Student's t for 1 to 9 degrees of freedom. */
const T95 = [12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262];

export const mean = (values) => values.reduce((sum, value) => sum + value, 0) / values.length;
export const median = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)];
export const distinct = (values) => [...new Set(values)].sort().join(', ');

/** Returns half the width of the 95 % interval of the mean (Student); undefined for one value. */
export function halfWidth(values) {
  if (values.length < 2) return undefined;
  const centre = mean(values);
  const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - centre) ** 2, 0) / (values.length - 1));
  return (T95[Math.min(values.length - 2, T95.length - 1)] * deviation) / Math.sqrt(values.length);
}

/** Formats shares as "61.0 % ± 1.3". */
export function percent(values) {
  const half = halfWidth(values);
  return `${(100 * mean(values)).toFixed(1)} % ${half === undefined ? 'one seed' : `± ${(100 * half).toFixed(1)}`}`;
}

/**
 * Words the differences of pairs with the same seed in one sentence, in percentage points; `subject` and `object` are
 * compared. It calls a difference too noisy where its 95 % interval holds zero.
 */
export function differenceInWords(subject, object, differences) {
  if (differences.length < 2) return `${subject} against ${object}: one seed, so nothing can be said.`;
  const points = 100 * mean(differences);
  const half = 100 * halfWidth(differences);
  const size = `${points >= 0 ? '+' : '−'}${Math.abs(points).toFixed(1)} ± ${half.toFixed(1)} points`;
  const verdict = Math.abs(points) <= half ? 'too noisy to call' : points > 0 ? 'better' : 'worse';
  return `${subject} against ${object}: ${size} over ${differences.length} seeds, ${verdict}.`;
}

export const row = (cells) => `| ${cells.join(' | ')} |`;

/** Formats a table in Markdown. */
export const table = (header, rows) => [row(header), row(header.map(() => '---')), ...rows.map(row)];
