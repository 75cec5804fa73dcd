/**
 * `npm run results`: measures studies (files of studies/) and writes docs/results.md from docs/results/STUDY.json,
 * where every finished run is kept. --help lists the options.
 */
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { keptIn, readKept, writeReport } from './report.mjs';
import { data, sidesIn } from './sides.mjs';

const docs = fileURLToPath(new URL('../../docs', import.meta.url));
const USAGE = `npm run results -- [STUDY ...] [OPTIONS]

Measures studies (default: presets) on the images of ../shared/data, and writes docs/results.md.

  --seeds N            seeds of each comparison (default: the study's own)
  --only DATASET       flowers or cifar10 alone
  --epochs-scale F     runs of F times the length (default 1)
  --reuse              keep what was measured before, and measure what is missing
  --model MODEL        of the study zoo: this one alone, with --reuse
  --report             measure nothing, and write the page again`;

/** Prints what is wrong with the command line, then the usage, and ends. */
function refuse(message) {
  console.error(`${message}\n\n${USAGE}`);
  return process.exit(2);
}

function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        seeds: { type: 'string' },
        only: { type: 'string' },
        model: { type: 'string' },
        'epochs-scale': { type: 'string', default: '1' },
        reuse: { type: 'boolean', default: false },
        report: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    return refuse(error.message);
  }
}

const { values: options, positionals } = commandLine();
if (options.help) {
  console.log(USAGE);
  process.exit();
}
for (const name of ['seeds', 'epochs-scale'])
  if (options[name] !== undefined && !(Number(options[name]) > 0))
    refuse(`--${name} ${options[name]} is no number above 0.`);
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
const unknown = positionals.filter((id) => !studies[id]);
if (unknown.length) refuse(`There is no study ${unknown.join(', ')}; there are ${Object.keys(studies).join(', ')}.`);
if (options.report) {
  writeReport(docs, studies);
} else {
  if (!existsSync(data)) throw new Error(`${data} is not there: the measurements need its images`);
  for (const id of positionals.length ? positionals : ['presets']) await measure(id, studies);
}
