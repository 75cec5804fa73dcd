/**
 * The CUDA build's install, as far as it is possible without a GPU: which build is chosen, its downloads, and what
 * remains when they fail.
 */
import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ADDON, cacheFolder, cuda, sha256, whyBroken } from '../../scripts/engine/cache.mjs';
import { aloud } from '../../scripts/engine/aloud.mjs';
import { chooseBuild } from '../../scripts/engine/choose.mjs';
import { fetchCuda, fetchWheels } from '../../scripts/engine/cuda.mjs';
import { findDriver as findForInstall } from '../../scripts/engine/driver.mjs';
import { buildInto, installEngine, withoutCuda } from '../../scripts/engine/install.mjs';
import { LIBRARIES, python, unpackWheel } from '../../scripts/engine/wheel.mjs';
import { engineCacheFolder } from '../../src/main/engine/backend/engine-cache';
import { gpuEnvironment } from '../../src/main/engine/backend/environment';
import { locateEngine } from '../../src/main/engine/backend/locate';
import { findDriver } from '../../src/main/engine/backend/nvidia-driver';

vi.mock('../../src/main/engine/backend/nvidia-driver', { spy: true });

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'engine-cuda-'));
});
afterEach(() => {
  vi.unstubAllEnvs();
  vi.mocked(findDriver).mockRestore();
});

function put(path: string, text = ''): void {
  mkdirSync(dirname(join(folder, path)), { recursive: true });
  writeFileSync(join(folder, path), text);
}

describe('an NVIDIA driver', () => {
  const MODULE = 'proc/driver/nvidia/version';
  const TEXT =
    'NVRM version: NVIDIA UNIX Open Kernel Module for x86_64  580.65.06  Release Build\nGCC version:  gcc version 12.2.0\n';

  it.each([
    ['nothing', {}, null],
    ['a module without its library, as in a container without the GPU', { [MODULE]: TEXT }, null],
    ['a library without its module, as in an image for GPUs', { 'usr/lib/x86_64-linux-gnu/libcuda.so.1': '' }, null],
    ['module and library', { [MODULE]: TEXT, 'usr/lib/x86_64-linux-gnu/libcuda.so.1': '' }, { version: '580.65.06' }],
    [
      'a library that ldconfig knows',
      { [MODULE]: TEXT, 'etc/ld.so.cache': '\0libcuda.so.1\0' },
      { version: '580.65.06' },
    ],
    ['a library in LD_LIBRARY_PATH', { [MODULE]: TEXT, 'opt/nvidia/libcuda.so.1': '' }, { version: '580.65.06' }],
    ['WSL', { 'dev/dxg': '', 'etc/ld.so.cache': 'libcuda.so.1' }, { version: null }],
  ])('%s', (_, files, found) => {
    for (const [path, text] of Object.entries(files)) put(path, text);
    const search = { root: folder, environment: { LD_LIBRARY_PATH: '/opt/nvidia' } };
    expect(findDriver(search)).toEqual(found);
    expect(findForInstall(search)).toEqual(found);
  });

  it.each([
    [undefined, null, 'cpu'],
    [undefined, { version: '580.65.06' }, 'cuda'],
    [undefined, { version: '525.60.13' }, 'cuda'],
    [undefined, { version: null }, 'cuda'],
    ['cpu', { version: '580.65.06' }, 'cpu'],
    ['cuda', null, 'cuda'],
    ['/some/folder', null, 'cpu'],
  ])('EFFICIENTTRAIN_ENGINE %s, driver %o: the build for %s', (asked, driver, build) => {
    expect(chooseBuild({ asked, driver })).toEqual({ build, why: null });
  });

  it('that is too old for CUDA 12: the build for the CPU, and it is said', () => {
    expect(chooseBuild({ asked: undefined, driver: { version: '470.256.02' } })).toEqual({
      build: 'cpu',
      why: 'the NVIDIA driver 470.256.02 is older than CUDA 12 needs (525.60.13)',
    });
  });
});

describe('the downloads', () => {
  const texts: Record<string, string> = { first: 'the first wheel', second: 'the second wheel' };
  const wheelOf = ([name, text]: [string, string]): {
    name: string;
    version: string;
    bytes: number;
    sha256: string;
  } => ({
    ...{ name, version: '1.0', bytes: text.length, sha256: createHash('sha256').update(text).digest('hex') },
  });
  const set = { wheels: Object.entries(texts).map(wheelOf), unpacked_bytes: 100 };
  const said: string[] = [];
  const asked: string[] = [];
  const download = (requirement: string, into: string): Promise<void> => {
    asked.push(requirement);
    const name = requirement.split('==')[0] as string;
    writeFileSync(join(into, `${name}-1.0-py3-none-any.whl`), texts[name] as string);
    return Promise.resolve();
  };
  const fetch = (options = {}): Promise<string[]> =>
    fetchWheels(folder, (line: string) => said.push(line), { set, download, room: () => 1e9, ...options }) as Promise<
      string[]
    >;

  beforeEach(() => {
    said.length = asked.length = 0;
  });

  it('are those of the extra and-cuda, pinned with their checksums', () => {
    expect(cuda.wheels.map(({ name }: { name: string }) => name)).toEqual([
      'tensorflow',
      ...[
        'cublas',
        'cuda-cupti',
        'cuda-nvcc',
        'cuda-nvrtc',
        'cuda-runtime',
        'cudnn',
        'cufft',
        'curand',
        'cusolver',
        'cusparse',
      ]
        .concat(['nccl', 'nvjitlink'])
        .map((part) => `nvidia-${part}-cu12`),
    ]);
    for (const { sha256: sum, version } of cuda.wheels) {
      expect(sum).toMatch(/^[0-9a-f]{64}$/);
      expect(version).toMatch(/^\d+\.\d+/);
    }
  });

  it('are said with their size before the first, and come whole', async () => {
    const paths = await fetch();
    expect(said[0]).toBe('downloading 2 wheels, 0.0 GB, which take 0.0 GB unpacked');
    expect(paths.map((path) => readFileSync(path, 'utf8'))).toEqual(Object.values(texts));
    expect(asked).toEqual(['first==1.0', 'second==1.0']);
  });

  it('that broke off continue with the first that is missing; one that was cut does not count', async () => {
    await expect(
      fetch({
        download: (requirement: string, into: string) =>
          requirement.startsWith('second') ? Promise.reject(new Error('no network')) : download(requirement, into),
      }),
    ).rejects.toThrow('no network');
    expect(readdirSync(folder)).toEqual(['first-1.0.whl']);
    await fetch();
    expect(asked).toEqual(['first==1.0', 'second==1.0']);
    truncateSync(join(folder, 'first-1.0.whl'), 3);
    await fetch();
    expect(asked).toEqual(['first==1.0', 'second==1.0', 'first==1.0']);
    await fetch();
    expect(asked).toHaveLength(3);
  });

  it('that are not what is expected are refused and not kept', async () => {
    const other = (_: string, into: string): Promise<void> =>
      Promise.resolve(writeFileSync(join(into, 'first-1.0-py3-none-any.whl'), 'the other wheel'));
    await expect(fetch({ download: other })).rejects.toThrow('checksum of first-1.0-py3-none-any.whl');
    expect(readdirSync(folder)).toEqual([]);
  });

  it('are not begun where they would not fit', async () => {
    await expect(fetch({ room: () => 120 })).rejects.toThrow('are free');
    expect(asked).toEqual([]);
  });
});

describe("NVIDIA's libraries of an earlier build", () => {
  const PARTS = ['cublas', 'cudnn', 'cufft', 'cusolver', 'cusparse', 'cuda_runtime'];
  const nvidia = PARTS.map((part) => ({ name: `nvidia-${part}`, version: '12.9', bytes: 1, sha256: '' }));
  const set = {
    wheel: 'tensorflow',
    wheels: [{ name: 'tensorflow', version: '2', bytes: 1, sha256: '' }, ...nvidia],
    unpacked_bytes: 0,
  };
  const fetched: string[] = [];
  const steps = {
    set,
    fetch: (_: string, __: unknown, { set: { wheels } }: { set: typeof set }) => {
      fetched.push(...wheels.map(({ name }) => name));
      return Promise.resolve(wheels.map(({ name }) => name));
    },
    unpack: (_: unknown, name: string, target: string) => {
      const part = name.slice('nvidia-'.length);
      const paths = name === 'tensorflow' ? LIBRARIES : [`nvidia/${part}/lib/lib${part}.so`];
      for (const path of paths) {
        mkdirSync(dirname(join(target, path)), { recursive: true });
        writeFileSync(join(target, path), path);
      }
      const sum = (path: string): string => createHash('sha256').update(path).digest('hex');
      return Object.fromEntries(paths.map((path: string) => [path, { bytes: path.length, sha256: sum(path) }]));
    },
  };
  const build = (number: number): Promise<void> =>
    buildInto(join(folder, `tensorflow-2-build-${number}`), {
      fetch: (aside: string) =>
        fetchCuda(aside, join(folder, `tensorflow-2-build-${number}`), () => undefined, steps as never),
      compile: (target: string) => writeFileSync(join(target, ADDON), 'addon'),
    }) as Promise<void>;

  beforeEach(() => {
    fetched.length = 0;
  });

  it('are taken over, TensorFlow comes anew, and each build is whole without the other', async () => {
    await build(1);
    expect(fetched).toEqual(set.wheels.map(({ name }) => name));
    fetched.length = 0;
    await build(2);
    expect(fetched).toEqual(['tensorflow']);
    rmSync(join(folder, 'tensorflow-2-build-1'), { recursive: true });
    expect(await whyBroken(join(folder, 'tensorflow-2-build-2'))).toBeNull();
  });

  it('are downloaded again where they are not whole, or of another version', async () => {
    await build(1);
    truncateSync(join(folder, 'tensorflow-2-build-1/nvidia/cudnn/lib/libcudnn.so'), 3);
    const manifest = join(folder, 'tensorflow-2-build-1/manifest.json');
    writeFileSync(manifest, readFileSync(manifest, 'utf8').replace('nvidia-cufft==12.9', 'nvidia-cufft==12.8'));
    fetched.length = 0;
    await build(2);
    expect(fetched).toEqual(['tensorflow', 'nvidia-cudnn', 'nvidia-cufft']);
    expect(await whyBroken(join(folder, 'tensorflow-2-build-2'))).toBeNull();
  });
});

it('progress of minutes is printed on the terminal, too, and a process without one continues', () => {
  const said: string[] = [];
  const say = (line: string): number => said.push(line);
  put('terminal');
  aloud(say, 'engine: ', join(folder, 'terminal'))('0.6 of 3.4 GB');
  aloud(say, '', join(folder, 'none', 'terminal'))('1.2 of 3.4 GB');
  aloud(say, '', null)('2.0 of 3.4 GB');
  expect(said).toEqual(['0.6 of 3.4 GB', '1.2 of 3.4 GB', '2.0 of 3.4 GB']);
  expect(readFileSync(join(folder, 'terminal'), 'utf8')).toBe('engine: 0.6 of 3.4 GB\n');
});

const interpreter = python() as string | null;

describe.skipIf(interpreter === null)('a wheel of NVIDIA', () => {
  const MAKE = `
import base64, hashlib, sys, zipfile
path, planted = sys.argv[1:]
files = {'nvidia/cublas/lib/libcublas.so.12': b'library', 'nvidia/cublas/include/cublas.h': b'header', 'nvidia/cuda_nvcc/bin/ptxas': b'#!',
         'nvidia_x-1.0.dist-info/licenses/License.txt': b'licence'}
row = lambda name, data: name + ',sha256=' + base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b'=').decode() + ',' + str(len(data))
with zipfile.ZipFile(path, 'w') as wheel:
    for name, data in files.items(): wheel.writestr(name, data)
    wheel.writestr('nvidia_x-1.0.dist-info/RECORD', '\\n'.join(row(n, planted.encode() if planted and n.endswith('.12') else d) for n, d in files.items()))
`;
  const make = (planted = ''): string => {
    execFileSync(interpreter as string, ['-c', MAKE, join(folder, 'nvidia_x-1.0.whl'), planted]);
    return join(folder, 'nvidia_x-1.0.whl');
  };

  it('is laid out as in site-packages, without headers, ptxas executable', async () => {
    const files = unpackWheel(interpreter, make(), join(folder, 'engine')) as Record<
      string,
      { bytes: number; sha256: string }
    >;
    const library = 'nvidia/cublas/lib/libcublas.so.12';
    expect(Object.keys(files).sort()).toEqual(['LICENSE.nvidia_x', library, 'nvidia/cuda_nvcc/bin/ptxas'].sort());
    expect(files[library]).toEqual({ bytes: 7, sha256: await sha256(join(folder, 'engine', library)) });
    expect(statSync(join(folder, 'engine/nvidia/cuda_nvcc/bin/ptxas')).mode & 0o111).not.toBe(0);
  });

  it('that differs from its own RECORD is refused', () => {
    const wheel = make('librarx');
    expect(() => unpackWheel(interpreter, wheel, join(folder, 'engine')) as unknown).toThrow(
      'does not match the RECORD',
    );
  });
});

describe('an install', () => {
  const installed: string[] = [];
  const install = (failing: string[]) => (build: string) => {
    installed.push(build);
    return failing.includes(build) ? Promise.reject(new Error(`no ${build} today`)) : Promise.resolve();
  };
  const run = (failing: string[], driver: { version: string } | null): Promise<{ why: string; next: string } | null> =>
    installEngine(() => undefined, { install: install(failing), ...{ asked: undefined, driver } }) as never;

  beforeEach(() => {
    installed.length = 0;
    vi.stubEnv('EFFICIENTTRAIN_SKIP_ENGINE', '');
  });

  it('without a driver is the one for the CPU, and nothing is said', async () => {
    expect(await run([], null)).toBeNull();
    expect(installed).toEqual(['cpu']);
  });

  it('with a driver is the one for CUDA alone', async () => {
    expect(await run([], { version: '580.65.06' })).toBeNull();
    expect(installed).toEqual(['cuda']);
  });

  it('for CUDA that fails leaves the one for the CPU and one message', async () => {
    const lacking = await run(['cuda'], { version: '580.65.06' });
    expect(installed).toEqual(['cuda', 'cpu']);
    expect(withoutCuda(lacking as never)).toMatch(
      /^\nEfficientTrain Studio: the CUDA build .* on the processor, not on the GPU\.\n {2}why: {2}no cuda today\n {2}next: .*npm run engine.*\n$/,
    );
  });

  it('that fails in both ways fails', async () => {
    await expect(run(['cuda', 'cpu'], { version: '580.65.06' })).rejects.toThrow('no cpu today');
  });
});

describe('the program', () => {
  const LIBRARY = 'nvidia/cublas/lib/libcublas.so.12';
  const build = (wheel: string, library: string): Promise<void> =>
    buildInto(cacheFolder(process.env, wheel), {
      wheel,
      async fetch(target: string) {
        mkdirSync(dirname(join(target, library)), { recursive: true });
        writeFileSync(join(target, library), 'library');
        return { [library]: { bytes: 7, sha256: await sha256(join(target, library)) } };
      },
      compile: (target: string) => writeFileSync(join(target, ADDON), 'addon'),
    }) as Promise<void>;
  const taken = (): string => {
    const engine = locateEngine();
    return engine.kind === 'libtensorflow' ? (engine.cuda ? 'cuda' : 'cpu') : engine.kind;
  };

  beforeEach(() => {
    vi.stubEnv('XDG_CACHE_HOME', folder);
    vi.stubEnv('EFFICIENTTRAIN_ENGINE', '');
    vi.stubEnv('LD_LIBRARY_PATH', '/usr/local/cuda/lib64');
  });

  it('looks where the install builds', () => {
    expect(engineCacheFolder(process.env, 'cuda')).toBe(cacheFolder(process.env, cuda.wheel));
    expect(engineCacheFolder(process.env, 'cuda')).not.toBe(engineCacheFolder(process.env));
  });

  it('takes the build that suits the driver, what is there, and what is asked for', async () => {
    await build('tensorflow-cpu', 'lib/libtensorflow_cc.so.2');
    vi.mocked(findDriver).mockReturnValue({ version: '580.65.06' });
    expect(taken()).toBe('cpu');
    await build('tensorflow', LIBRARY);
    expect(taken()).toBe('cuda');
    vi.mocked(findDriver).mockReturnValue(null);
    expect(taken()).toBe('cpu');
    vi.stubEnv('EFFICIENTTRAIN_ENGINE', 'cuda');
    expect(taken()).toBe('cuda');
    truncateSync(join(engineCacheFolder(process.env, 'cuda'), LIBRARY), 3);
    expect(locateEngine()).toMatchObject({ why: expect.stringContaining('libcublas') as string });
    vi.stubEnv('EFFICIENTTRAIN_ENGINE', 'cpu');
    vi.mocked(findDriver).mockReturnValue({ version: '580.65.06' });
    expect(taken()).toBe('cpu');
  });

  it("puts CUDA's libraries before the user's own, lets memory grow, and leaves all as it is without them", async () => {
    await build('tensorflow-cpu', 'lib/libtensorflow_cc.so.2');
    vi.mocked(findDriver).mockReturnValue({ version: '580.65.06' });
    expect(gpuEnvironment()).toEqual({});
    await build('tensorflow', LIBRARY);
    const own = join(engineCacheFolder(process.env, 'cuda'), 'nvidia/cublas/lib');
    expect(gpuEnvironment()).toEqual({
      LD_LIBRARY_PATH: `${own}:/usr/local/cuda/lib64`,
      TF_FORCE_GPU_ALLOW_GROWTH: 'true',
      XLA_FLAGS: `--xla_gpu_cuda_data_dir=${join(engineCacheFolder(process.env, 'cuda'), 'nvidia/cuda_nvcc')}`,
    });
    // The user's flags come first, and a path that they give is kept.
    expect(gpuEnvironment({ XLA_FLAGS: '--xla_dump_to=/tmp/x' })['XLA_FLAGS']).toMatch(
      /^--xla_dump_to=\/tmp\/x --xla_gpu_cuda/,
    );
    const theirs = '--xla_gpu_cuda_data_dir=/usr/local/cuda';
    expect(gpuEnvironment({ XLA_FLAGS: theirs })['XLA_FLAGS']).toBe(theirs);
    expect(existsSync(own)).toBe(true);
    expect(process.env['LD_LIBRARY_PATH']).toBe('/usr/local/cuda/lib64');
  });
});
