/**
 * `npm run bench`: runs the benches, which are the files of this folder (--help lists them), prints tables and writes
 * them into docs/benchmarks.md, each bench in a section of its own. A bench exports `title`, `notes`, `peer` where it
 * compares with PyTorch, and `measure()`, which returns tables.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { format, resolveConfig } from 'prettier';
import { peerPython } from '../support/peer-python.mjs';
import { wrapProse } from '../support/wrap-prose.mjs';
import { processorOf } from './support/processor.mjs';
import { runTypeScript } from './support/run-typescript.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const folder = fileURLToPath(new URL('.', import.meta.url));
const report = join(root, 'docs', 'benchmarks.md');
const HEAD =
  '# Benchmarks\n\nWhat `npm run bench` has measured. Medians, with the smallest and the largest in brackets.\n';

const benches = readdirSync(folder)
  .filter((name) => /\.(ts|mjs)$/.test(name) && name !== 'bench.mjs')
  .map((name) => ({ name: basename(name).replace(/\.\w+$/, ''), file: join(folder, name) }));
const USAGE = `npm run bench -- [${benches.map(({ name }) => name).join(' | ')} ...] [OPTIONS]

Measures beside PyTorch + timm or Pillow where there is a peer, prints tables, and writes them into docs/benchmarks.md. Without a name: all of them, about an hour and a half.

  --json         tables as JSON
  --quick        fewer cases and rounds, to see that it works; nothing is written
  --size PX      of the step's and the memory's only this (may be repeated)
  --model NAME   of the step's and the memory's only this (may be repeated); nothing is written
  --family       of the step and the memory: one variant of each family of the zoo, in sections of their own
  --idle         of the step only how long a device would stand still between two of them
  --throttle     of the loader only what the replay buffer makes of a slow source
  --compile      PyTorch also with torch.compile, which takes minutes for each size
  --preload LIB  PyTorch also with this library loaded first (libjemalloc.so.2)
  --images N     of the store's start a record of so many images; nothing is written (default: ImageNet-1k's 1281167)`;

/** Reads the command line. @returns the options; prints the usage and ends where they are wrong */
function commandLine(config) {
  try {
    return parseArgs(config);
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const { values: options, positionals: asked } = commandLine({
  allowPositionals: true,
  options: {
    help: { type: 'boolean', default: false },
    json: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    family: { type: 'boolean', default: false },
    idle: { type: 'boolean', default: false },
    throttle: { type: 'boolean', default: false },
    compile: { type: 'boolean', default: false },
    preload: { type: 'string' },
    images: { type: 'string' },
    size: { type: 'string', multiple: true, default: [] },
    model: { type: 'string', multiple: true, default: [] },
  },
});
if (options.help) {
  console.log(USAGE);
  process.exit();
}
const unknown = asked.filter((name) => !benches.some((bench) => bench.name === name));
if (unknown.length) {
  console.error(`There is no bench ${unknown.join(', ')}; there are ${benches.map(({ name }) => name).join(', ')}.`);
  process.exit(2);
}

const command = (name) => ['npm run bench --', name, ...options.size.map((size) => `--size ${size}`)].join(' ');

if (options.idle && asked.join() !== 'step') {
  console.error('--idle belongs to the step: npm run bench -- step --idle');
  process.exit(2);
}

if (options.throttle && asked.join() !== 'loader') {
  console.error('--throttle belongs to the loader: npm run bench -- loader --throttle');
  process.exit(2);
}
const FAMILY_BENCHES = ['step', 'memory'];
if (options.family && (!asked.length || asked.some((name) => !FAMILY_BENCHES.includes(name)))) {
  console.error(`--family belongs to ${FAMILY_BENCHES.join(' and ')}: npm run bench -- step --family`);
  process.exit(2);
}
/** Suffix of a section's name and of its command. */
const ofFamily = options.family ? ' family' : '';

/** The measured parts: section of the report, its command, its file. */
const parts = {
  ...(options.idle && { 'step idle': ['npm run bench -- step --idle', join(folder, 'step', 'idle.ts')] }),
  ...(options.throttle && {
    'loader throttle': ['npm run bench -- loader --throttle', join(folder, 'loader', 'throttle.ts')],
  }),
};
const measured = Object.keys(parts).length
  ? Object.entries(parts).map(([name, [text, file]]) => ({ name, command: text, file }))
  : benches
      .filter(({ name }) => !asked.length || asked.includes(name))
      .map(({ name, file }) => ({ name: name + ofFamily, command: command(name) + (ofFamily && ' --family'), file }));

const table = ({ title, columns, rows }) =>
  [
    ...(title ? [`### ${title}`, ''] : []),
    ...[columns, columns.map(() => '---'), ...rows].map((cells) => `| ${cells.join(' | ')} |`),
  ].join('\n');

/** Returns the report with one bench's section added or replaced. */
function withSection(text, name, section) {
  const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const whole = `${from}\n\n${section}\n\n${to}\n`;
  const [start, end] = [text.indexOf(from), text.indexOf(to)];
  if (start < 0) return `${text.trimEnd()}\n\n${whole}`;
  return `${text.slice(0, start)}${whole}${text.slice(end + to.length).trimStart()}`;
}

function build() {
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'],
    { cwd: root, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`the build failed:\n${stdout}${stderr}`);
}

const processor = processorOf(existsSync('/proc/cpuinfo') ? readFileSync('/proc/cpuinfo', 'utf8') : '');

const machine = () => {
  const [first] = cpus();
  return `${cpus().length} × ${first?.model.trim() ?? 'unknown processor'} with ${processor.words}, ${Math.round(totalmem() / 2 ** 30)} GB, Node ${process.versions.node}`;
};

/**
 * Returns the versions of PyTorch and timm, for benches that have them as a peer; torch's build goes to standard error.
 */
function peerVersions() {
  const code =
    'import without_torchvision, torch, timm; print(f"torch {torch.__version__}, timm {timm.__version__}"); print(torch.__config__.show())';
  const PYTHONPATH = join(root, 'test', 'support');
  const { status, stdout, stderr } = spawnSync(peerPython(), ['-c', code], {
    encoding: 'utf8',
    env: { ...process.env, PYTHONPATH },
  });
  if (status !== 0) throw new Error(`torch and timm could not be loaded:\n${stderr}`);
  const [versions, ...build] = stdout.trim().split('\n');
  console.error(build.join('\n'));
  return versions;
}

/** Returns the machine's load: above the number of cores, times are longer than the program's own. */
const load = () => loadavg()[1]?.toFixed(1);

build();
for (const { name, command, file } of measured) {
  const { title, notes, peer = false, measure } = await runTypeScript(file);
  if (!options.json) console.log(`${title}\n`);
  const versions = peer ? `, ${peerVersions()}` : '';
  const tables = await measure((line) => console.error(line), options);
  const when = new Date().toISOString().slice(0, 10);
  const section = [
    `## ${title}${ofFamily && ', one variant of each family'}${processor.section && `, with ${processor.section}`}`,
    `Measured on ${when} by \`${command}\` (${machine()}${versions}; load average over its last five minutes ${load()}).`,
    notes,
    ...tables.map(table),
  ].join('\n\n');
  console.log(options.json ? JSON.stringify({ bench: name, tables }) : tables.map(table).join('\n\n'));
  if (options.quick || options.model.length || options.images) continue;
  const before = existsSync(report) ? readFileSync(report, 'utf8') : HEAD;
  const style = await resolveConfig(report);
  writeFileSync(
    report,
    await format(withSection(before, `${name} ${processor.section.toLowerCase()}`.trim(), wrapProse(section)), {
      ...style,
      parser: 'markdown',
    }),
  );
}
process.exit();
