/**
 * Downloads the TensorFlow wheel with pip and takes libraries and headers out of it, each checked against the wheel's
 * own RECORD.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spec } from './cache.mjs';
import { takeFromEarlier } from './reuse.mjs';

export const LIBRARIES = ['lib/libtensorflow_cc.so.2', 'lib/libtensorflow_framework.so.2'];

const UNPACK = `
import base64, csv, hashlib, io, json, os, sys, zipfile
wheel_path, target = sys.argv[1:]
libraries = ('libtensorflow_cc.so.2', 'libtensorflow_framework.so.2')
headers = ('tensorflow/c/', 'tensorflow/core/platform/ctstring', 'tensorflow/core/common_runtime/next_pluggable_device/c/',
           'tsl/platform/ctstring', 'tsl/platform/platform.h', 'xla/tsl/c/')
written = {}
with zipfile.ZipFile(wheel_path) as wheel:
    record_name = next(n for n in wheel.namelist() if n.endswith('.dist-info/RECORD'))
    record = {row[0]: (row[1], row[2]) for row in csv.reader(io.TextIOWrapper(wheel.open(record_name), 'utf8'))}
    licence = [n for n in wheel.namelist() if '.dist-info/' in n and 'LICENSE' in n.upper()]
    name_of = os.path.basename(wheel_path).split('-')[0].replace('tensorflow_cpu', 'tensorflow')
    for entry in wheel.namelist():
        name = entry[len('tensorflow/'):] if entry.startswith('tensorflow/') else entry
        if name in libraries: place = 'lib/' + name
        elif name.startswith('include/') and name[8:].startswith(headers) and name.endswith('.h'): place = name
        elif entry.startswith('nvidia/') and ('.so' in os.path.basename(entry) or entry.endswith(('/ptxas', '.bc'))): place = entry
        elif entry in licence: place = 'LICENSE.' + name_of
        else: continue
        path = os.path.join(target, place)
        os.makedirs(os.path.dirname(path), exist_ok=True)
        digest, size = hashlib.sha256(), 0
        with wheel.open(entry) as source, open(path, 'wb') as copy:
            while block := source.read(1 << 22):
                digest.update(block); size += len(block); copy.write(block)
        expected, expected_size = record[entry]
        found = 'sha256=' + base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()
        if found != expected or size != int(expected_size):
            sys.exit(f'{entry} does not match the RECORD of the wheel')
        if entry.endswith('/ptxas'): os.chmod(path, 0o755)
        written[place] = {'bytes': size, 'sha256': digest.hexdigest()}
print(json.dumps(written))
`;

/** Finds a Python that has pip; null where there is none. */
export const python = () =>
  ['python3', 'python'].find((name) => spawnSync(name, ['-m', 'pip', '--version']).status === 0) ?? null;

export const lastLines = (text, count) => text.trim().split('\n').slice(-count).join('\n        ');

/**
 * Returns pip's arguments that fetch one wheel into a folder. The tags are fixed because the wheel is only unpacked:
 * any Python 3 with pip will do.
 */
export const pipArguments = (requirement, folder, platforms) => [
  ...['-m', 'pip', 'download', '--no-deps', '--only-binary=:all:', '--python-version', spec.python],
  ...platforms.flatMap((platform) => ['--platform', platform]),
  ...['--disable-pip-version-check', '--dest', folder, requirement],
];

/**
 * Unpacks the files of a wheel that the engine needs into `target`; returns { path: { bytes, sha256 } } of the written
 * files.
 */
export function unpackWheel(interpreter, wheel, target) {
  const { status, stdout, stderr } = spawnSync(interpreter, ['-c', UNPACK, wheel, target], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the wheel could not be unpacked: ${lastLines(stderr, 3)}`);
  return JSON.parse(stdout);
}

/** Refuses a folder without TensorFlow's libraries. @throws Error */
export function refuseWithoutLibraries(target) {
  const missing = LIBRARIES.filter((name) => !existsSync(join(target, name)));
  if (missing.length) throw new Error(`the wheel lacks ${missing.join(', ')}`);
}

/**
 * Refuses any file but the one that this program was tested with. pip takes the file that an index gives it, and an
 * index can be set to any.
 * @throws Error
 */
export function refuseOther(path, { wheel, version, bytes, sha256: expected }) {
  const found = { bytes: statSync(path).size, sha256: createHash('sha256').update(readFileSync(path)).digest('hex') };
  if (found.bytes === bytes && found.sha256 === expected) return;
  throw new Error(
    `what pip downloaded as ${wheel} ${version} is not the file that this program was tested with (${found.bytes} bytes, sha256 ${found.sha256}; resources/engine.json says ${bytes} bytes, ${expected}); pip's index may be another than pypi.org, see \`pip config list\``,
  );
}

function downloadWheel(requirement, target, say) {
  const interpreter = python();
  const download = mkdtempSync(join(tmpdir(), 'tensorflow-wheel-'));
  try {
    say(`downloading ${spec.wheel} ${spec.version} (about 270 MB)`);
    const pip = spawnSync(interpreter, pipArguments(requirement, download, [spec.platform]), { encoding: 'utf8' });
    const wheel = readdirSync(download).find((name) => name.endsWith('.whl'));
    if (pip.status !== 0 || !wheel)
      throw new Error(`pip could not download ${requirement}:\n        ${lastLines(pip.stderr, 4)}`);
    say('unpacking and checking it');
    refuseOther(join(download, wheel), spec);
    return unpackWheel(interpreter, join(download, wheel), target);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}

/**
 * Names a wheel and the selection of its files, because an earlier build that selected others lacks some of this one's.
 */
const contentsOf = (requirement) => `${requirement} ${createHash('sha256').update(UNPACK).digest('hex').slice(0, 12)}`;

/**
 * Puts the wheel's libraries and headers into `target`. An earlier build of the same wheel beside `folder` gives its
 * own, so that a newer version of this program compiles again but downloads nothing and takes no second gigabyte.
 * @param steps functions that download; given in tests
 * @returns { path: { bytes, sha256, wheel } }
 */
export async function fetchWheel(target, folder, say, { download = downloadWheel } = {}) {
  const requirement = `${spec.wheel}==${spec.version}`;
  const wheel = contentsOf(requirement);
  const earlier = (await takeFromEarlier(target, folder, spec.wheel, [wheel])).get(wheel);
  if (earlier) say(`${spec.wheel} ${spec.version} is here from an earlier build`);
  const files = earlier ?? download(requirement, target, say);
  refuseWithoutLibraries(target);
  return Object.fromEntries(Object.entries(files).map(([name, file]) => [name, { ...file, wheel }]));
}
