/** Writes docs/results.md from the measured runs of every study. */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { wrapProse } from '../support/wrap-prose.mjs';
import { distinct } from './statistics.mjs';

export const keptIn = (folder, id) => join(folder, 'results', `${id}.json`);

/** Reads the measured results of a study. @returns none where it was never measured */
export function readKept(folder, id) {
  const path = keptIn(folder, id);
  return existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : [];
}

function measuredOn(id, results) {
  const of = (pick) => distinct(results.map(({ machine }) => pick(machine)));
  const where = `${of(({ cpu }) => cpu)}, ${of(({ threads }) => threads)} threads, no GPU`;
  return `Measured by \`npm run results -- ${id}\` on ${of(({ date }) => date)} (${where}). Every run is in results/${id}.json.`;
}

/** Writes the page. @param folder docs  @param studies id -> {section}, in the order of the page */
export function writeReport(folder, studies) {
  const sections = Object.entries(studies).flatMap(([id, study]) => {
    const results = readKept(folder, id);
    if (!results.length) return [];
    const [title, ...rest] = study.section(results);
    return [title, '', measuredOn(id, results), ...rest];
  });
  const text = [
    '# Results',
    '',
    'Every section is written by a command that anyone can run on the small datasets of ../shared/data. These runs are far',
    "shorter than the papers' 200 epochs of ImageNet, and say nothing of those. Means over seeds come with the 95 % interval",
    'of the mean (Student). Runs until 2026-12-01 began their warm-up at a learning rate of 1e-6; later ones begin it at 0.',
    '',
    ...sections,
  ].join('\n');
  writeFileSync(join(folder, 'results.md'), wrapProse(text));
}
