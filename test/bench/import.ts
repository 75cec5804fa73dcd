/**
 * Measures an import beside one Pillow process that decodes, hashes and shrinks the same files, and the share of
 * near-duplicates that it finds.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { peerPython } from '../support/peer-python.mjs';
import { bundled } from './support/bundle.mjs';
import { median, spread, type Table } from './support/samples';

const root = join(import.meta.dirname, '../..');
const flowers = join(root, '..', 'shared', 'data', 'flowers');
const ROUNDS = 7;
const [SMALL, SIDE, PHOTOGRAPHS, COPIED] = [100_000, 32, 600, 200];
/** Least quotient of Pillow's time and ours. */
const FLOORS = { small: 1, photographs: 1.5 };

export const title = 'An import';
export const peer = true;
export const notes = [
  `Each side is a whole process, from its start to its end, ${ROUNDS} rounds, ours first. Ours: \`efficienttrain import --yes\` into a new data folder (list, read, decode, sha256, look for copies and near-duplicates, store). Pillow: read, sha256,`,
  'decode, gray, 9 x 8. Again: the same import once more into the same data folder, where no file has changed. Recall: of modified copies of photographs, how many are named near-duplicates of their original.',
].join('\n');

function seconds(program: string, args: readonly string[]): { took: number; stdout: string } {
  const begun = performance.now();
  const { status, stdout, stderr } = spawnSync(program, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')} failed:\n${stderr}`);
  return { took: (performance.now() - begun) / 1000, stdout };
}

const pillow = (...args: string[]): number =>
  seconds(peerPython(), [join(import.meta.dirname, 'import', 'peer.py'), ...args]).took;

const imported = (source: string, home: string): { took: number; stdout: string } =>
  seconds(process.execPath, [join(root, 'out', 'main', 'cli.js'), 'import', source, '--yes', '--json', '--home', home]);

interface Case {
  name: string;
  folder: string;
  floor: number;
}

function speeds({ name, folder, floor }: Case, work: string, rounds: number, log: (line: string) => void): string[] {
  const count = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile()).length;
  const [ours, theirs, again]: [number[], number[], number[]] = [[], [], []];
  for (let round = 0; round < rounds; round++) {
    const home = join(work, `home-${round}`);
    ours.push(imported(folder, home).took);
    theirs.push(pillow('read', folder));
    again.push(imported(folder, home).took);
    rmSync(home, { recursive: true });
  }
  const ratios = theirs.map((value, round) => value / (ours[round] as number));
  const ratio = `${median(ratios).toFixed(2)} (${Math.min(...ratios).toFixed(2)} to ${Math.max(...ratios).toFixed(2)})`;
  log(`${name}: ours ${spread(ours, 's')}, Pillow ${spread(theirs, 's')}, ratio ${ratio}, again ${spread(again, 's')}`);
  const rate = `${Math.round(count / median(ours)).toLocaleString('en')} img/s`;
  return [
    ...[
      `${count.toLocaleString('en')} ${name}`,
      spread(ours, 's'),
      rate,
      spread(theirs, 's'),
      ratio,
      spread(again, 's'),
    ],
    median(ratios) >= floor ? 'yes' : 'no',
  ];
}

interface Found {
  kind: string;
  path: string;
  others?: string[];
}

/** Returns the number of a picture and how it was made: `brighter/12.jpg`. */
const pictureOf = (path: string): [string, string] => /^(.*)\/(\d+)\.\w+$/.exec(path)?.slice(1, 3) as [string, string];

/** Returns [kind, recall] rows, and the number of pairs of different photographs. */
function recall(folder: string, home: string): { rows: string[][]; falsePairs: number } {
  const { problems } = JSON.parse(imported(folder, home).stdout) as { problems: Found[] };
  const alike = new Map<string, Set<string>>();
  let falsePairs = 0;
  for (const { path, others = [] } of problems.filter(({ kind }) => kind === 'near_duplicate')) {
    for (const other of others) {
      const [[made, number], [otherMade, otherNumber]] = [pictureOf(path), pictureOf(other)];
      if (number !== otherNumber) falsePairs++;
      else if (made === 'original' || otherMade === 'original') {
        const kind = made === 'original' ? otherMade : made;
        alike.set(kind, (alike.get(kind) ?? new Set()).add(number));
      }
    }
  }
  const kinds = readdirSync(folder).filter((kind) => kind !== 'original');
  const rows = kinds.map((kind) => {
    const count = readdirSync(join(folder, kind)).length;
    return [kind, `${(100 * (alike.get(kind)?.size ?? 0)) / count} % of ${count}`];
  });
  return { rows, falsePairs };
}

/** Number of looks that are compared with one another, and the most that this may cost. */
const LOOKS = 1_000_000;
const [MOST_SECONDS, MOST_MIB] = [60, 500];

/** Measures the comparison in a process of its own, so that its memory is the comparison's. */
async function comparison(looks: number, rounds: number, log: (line: string) => void): Promise<Table> {
  const bundle = await bundled(join(import.meta.dirname, 'import', 'near-hashes.ts'));
  const runner = join(import.meta.dirname, 'support', 'run-bundled.mjs');
  const found = Array.from(
    { length: rounds },
    () =>
      JSON.parse(seconds(process.execPath, [runner, bundle, String(looks)]).stdout) as {
        seconds: number;
        peak: number;
      },
  );
  const [took, mib] = [found.map(({ seconds: all }) => all), found.map(({ peak }) => peak / 2 ** 20)];
  log(`${looks} looks compared: ${spread(took, 's')}, ${spread(mib, 'MiB')}`);
  return {
    title: 'All looks compared',
    columns: ['looks', 'time', 'most memory of the process', `<= ${MOST_SECONDS} s, <= ${MOST_MIB} MiB`],
    rows: [
      [
        looks.toLocaleString('en'),
        spread(took, 's'),
        spread(mib, 'MiB'),
        median(took) <= MOST_SECONDS && median(mib) <= MOST_MIB ? 'yes' : 'no',
      ],
    ],
  };
}

export async function measure(log: (line: string) => void, { quick }: { quick: boolean }): Promise<Table[]> {
  const work = mkdtempSync(join(tmpdir(), 'efficienttrain-bench-'));
  const at = (name: string): string => join(work, name);
  try {
    log('making images');
    pillow('small', at('small'), String(quick ? SMALL / 50 : SMALL), String(SIDE));
    const real = existsSync(flowers);
    if (!real) pillow('photographs', at('photographs'), String(quick ? PHOTOGRAPHS / 10 : PHOTOGRAPHS));
    const photographs = real ? flowers : at('photographs');
    pillow('copies', at('copies'), photographs, String(quick ? COPIED / 10 : COPIED));
    const cases = [
      { name: `JPEGs of ${SIDE} px`, folder: at('small'), floor: FLOORS.small },
      {
        name: real ? 'photographs of ../shared/data/flowers' : 'drawn photographs',
        folder: photographs,
        floor: FLOORS.photographs,
      },
    ];
    const rows = cases.map((one) => speeds(one, work, quick ? 1 : ROUNDS, log));
    const { rows: recalls, falsePairs } = recall(at('copies'), at('home'));
    log(`recall: ${recalls.map((row) => row.join(' ')).join(', ')}; ${falsePairs} pairs of different photographs`);
    const compared = await comparison(quick ? LOOKS / 20 : LOOKS, quick ? 1 : 3, log);
    return [
      {
        columns: [
          'files',
          'ours',
          'ours',
          'Pillow',
          'Pillow / ours',
          'again',
          `>= ${FLOORS.small}, >= ${FLOORS.photographs}`,
        ],
        rows,
      },
      {
        title: 'Near-duplicates',
        columns: ['copy', 'found'],
        rows: [...recalls, ['pairs of different photographs', String(falsePairs)]],
      },
      compared,
    ];
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}
