/**
 * `npm run results [-- STUDY...]`: measures studies (files of studies/; by default `presets`) and writes
 * docs/results.md from docs/results/STUDY.json, where every finished run is kept. Options: --seeds N (default: the
 * study's own), --only flowers|cifar10, --epochs-scale 1, --reuse (keep what was measured before and measure what is
 * missing), --model MODEL (of the study `zoo`: this one alone, with --reuse). Without a study to measure, `--report` alone writes the page again. Needs ../shared/data.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keptIn, readKept, writeReport } from './report.mjs';
import { data, sidesIn } from './sides.mjs';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: 'string' },
    only: { type: 'string' },
    model: { type: 'string' },
    'epochs-scale': { type: 'string', default: '1' },
    reuse: { type: 'boolean', default: false },
    report: { type: 'boolean', default: false },
  },
});
const THREADS = 2;

const machine = () => ({ date: new Date().toISOString().slice(0, 10), cpu: cpus()[0].model.trim(), threads: THREADS });

/** Studies by their files' names; `presets` comes first on the page. */
async function allStudies() {
  const names = readdirSync(new URL('studies/', import.meta.url)).map((file) => file.replace(/\.mjs$/, ''));
  const ordered = ['presets', ...names.filter((name) => name !== 'presets').sort()];
  const loaded = ordered.map(async (name) => [name, await import(`./studies/${name}.mjs`)]);
  return Object.fromEntries(await Promise.all(loaded));
}

async function measure(id, studies) {
  const study = studies[id];
  if (!study) throw new Error(`there is no study called ${id}: they are ${Object.keys(studies).join(', ')}`);
  const work = join(tmpdir(), `efficienttrain-results-${id}`);
  rmSync(work, { recursive: true, force: true });
  const results = options.reuse || options.model ? readKept(docs, id) : [];
  const bench = {
    ...{ sides: sidesIn(work, THREADS), machine, only: options.only, model: options.model },
    ...{ seeds: Number(options.seeds ?? study.SEEDS), epochsScale: Number(options['epochs-scale']) },
  };
  mkdirSync(join(docs, 'results'), { recursive: true });
  await study.measure(bench, results, () => {
    writeFileSync(keptIn(docs, id), `${JSON.stringify(results, null, 2)}\n`);
    writeReport(docs, studies);
  });
  rmSync(work, { recursive: true, force: true });
}

const studies = await allStudies();
if (options.report) {
  writeReport(docs, studies);
} else {
  if (!existsSync(data)) throw new Error(`${data} is not there: the measurements need its images`);
  for (const id of positionals.length ? positionals : ['presets']) await measure(id, studies);
}
