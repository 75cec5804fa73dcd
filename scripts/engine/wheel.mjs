/** Downloads the TensorFlow wheel with pip and takes libraries and headers out of it, each checked against the wheel's own RECORD. */
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spec } from './cache.mjs';

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
    licence = [n for n in wheel.namelist() if '.dist-info/' in n and 'LICENSE' in n]
    for entry in wheel.namelist():
        name = entry[len('tensorflow/'):] if entry.startswith('tensorflow/') else entry
        if name in libraries: place = 'lib/' + name
        elif name.startswith('include/') and name[8:].startswith(headers) and name.endswith('.h'): place = name
        elif entry in licence: place = 'LICENSE.tensorflow'
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
        written[place] = {'bytes': size, 'sha256': digest.hexdigest()}
missing = [n for n in libraries if 'lib/' + n not in written]
if missing: sys.exit('the wheel lacks ' + ', '.join(missing))
print(json.dumps(written))
`;

/** A Python that has pip; null where there is none. */
export const python = () =>
  ['python3', 'python'].find((name) => spawnSync(name, ['-m', 'pip', '--version']).status === 0) ?? null;

const lastLines = (text, count) => text.trim().split('\n').slice(-count).join('\n        ');

/** Unpacks into `target`; returns { path: { bytes, sha256 } } of what was written. */
export function fetchWheel(target, say) {
  const interpreter = python();
  const download = mkdtempSync(join(tmpdir(), 'tensorflow-wheel-'));
  try {
    say(`downloading ${spec.wheel} ${spec.version} (about 270 MB)`);
    // The tags are fixed because the wheel is only unpacked: any Python 3 with pip will do.
    const pip = spawnSync(
      interpreter,
      [
        '-m',
        'pip',
        'download',
        '--no-deps',
        '--only-binary=:all:',
        '--python-version',
        spec.python,
        '--platform',
        spec.platform,
        '--disable-pip-version-check',
        '--dest',
        download,
        `${spec.wheel}==${spec.version}`,
      ],
      { encoding: 'utf8' },
    );
    const wheel = readdirSync(download).find((name) => name.endsWith('.whl'));
    if (pip.status !== 0 || !wheel)
      throw new Error(`pip could not download ${spec.wheel}==${spec.version}:\n        ${lastLines(pip.stderr, 4)}`);
    say('unpacking and checking it');
    const unpack = spawnSync(interpreter, ['-c', UNPACK, join(download, wheel), target], { encoding: 'utf8' });
    if (unpack.status !== 0) throw new Error(`the wheel could not be unpacked: ${lastLines(unpack.stderr, 3)}`);
    return JSON.parse(unpack.stdout);
  } finally {
    rmSync(download, { recursive: true, force: true });
  }
}
