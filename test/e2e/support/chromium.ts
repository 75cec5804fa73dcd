/**
 * Finds a browser for the end-to-end tests: CHROMIUM_PATH, or an installed Chrome, Chromium or Edge that starts, or the
 * one inside the dev dependency @sparticuz/chromium. So a fresh machine needs only `npm ci`.
 */
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface Chromium {
  path: string;
  /** Additional environment variables, for libraries and fonts that the machine lacks. */
  env: Record<string, string>;
}

/**
 * The browser is silent, offline and without a user's profile. Its sandbox is off, because it needs rights that
 * containers withhold, and the pages are our own.
 */
export const CHROMIUM_FLAGS = [
  '--headless',
  '--no-sandbox',
  '--disable-gpu',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  '--disable-dev-shm-usage',
  '--font-render-hinting=none',
  '--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1, EXCLUDE localhost',
];

const START_MS = 20_000;

const NAMES = [
  'chromium',
  'chromium-browser',
  'google-chrome-stable',
  'google-chrome',
  'chrome',
  'microsoft-edge-stable',
  'msedge',
];

const PLACES: Partial<Record<NodeJS.Platform, string[]>> = {
  darwin: ['Google Chrome', 'Chromium', 'Microsoft Edge'].map(
    (name) => `/Applications/${name}.app/Contents/MacOS/${name}`,
  ),
  win32: ['ProgramFiles', 'ProgramFiles(x86)', 'LocalAppData'].flatMap((variable) =>
    ['Google\\Chrome\\Application\\chrome.exe', 'Microsoft\\Edge\\Application\\msedge.exe'].map((file) =>
      join(process.env[variable] ?? 'C:\\', file),
    ),
  ),
};

function isExecutable(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}

function installed(): string[] {
  const folders = (process.env['PATH'] ?? '').split(delimiter).filter(Boolean);
  const named = NAMES.flatMap((name) =>
    folders.map((folder) => join(folder, process.platform === 'win32' ? `${name}.exe` : name)),
  );
  return [...named, ...(PLACES[process.platform] ?? [])].filter(isExecutable);
}

/** Returns a folder that only this user can write to, because programs are run from it. */
function cacheFolder(): string {
  const folder = join(tmpdir(), `efficienttrain-chromium-${process.getuid?.() ?? 'user'}`);
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  if (process.getuid && statSync(folder).uid !== process.getuid())
    throw new Error(`${folder} belongs to another user; remove it`);
  return folder;
}

/** Returns null once the browser listens, or the reason why it doesn't. */
async function failureToStart(path: string, env: Record<string, string>): Promise<string | null> {
  const profile = mkdtempSync(join(cacheFolder(), 'profile-'));
  const browser = spawn(path, [...CHROMIUM_FLAGS, '--remote-debugging-port=0', `--user-data-dir=${profile}`], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const ended = new Promise<void>((resolve) => browser.once('close', () => resolve()));
  let said = '';
  const failure = await new Promise<string | null>((resolve) => {
    setTimeout(() => resolve(`it did not start within ${START_MS / 1000} s`), START_MS).unref();
    browser.once('error', ({ message }) => resolve(message));
    browser.once('exit', (code) => resolve(`it ended with ${code}: ${said.trim().split('\n').slice(-3).join('\n')}`));
    browser.stderr.on('data', (chunk: Buffer) => {
      said += String(chunk);
      if (said.includes('DevTools listening on ')) resolve(null);
    });
  });
  browser.kill('SIGKILL');
  if (browser.pid !== undefined) await ended;
  rmSync(profile, { recursive: true, force: true, maxRetries: 10 });
  return failure;
}

/**
 * Returns the browser with the first of `environments` in which it starts, or the reason why it doesn't. The result is
 * remembered, because it takes half a second.
 */
async function starting(path: string, environments: Record<string, string>[]): Promise<Chromium | string> {
  const { mtimeMs, size } = statSync(path);
  const key = createHash('sha256').update(`${path} ${mtimeMs} ${size}`).digest('hex').slice(0, 16);
  const remembered = join(cacheFolder(), `starts-${key}.json`);
  if (existsSync(remembered)) return JSON.parse(readFileSync(remembered, 'utf8')) as Chromium;
  let reason = '';
  for (const env of environments) {
    const failure = await failureToStart(path, env);
    if (failure === null) {
      const found: Chromium = { path, env };
      writeFileSync(`${remembered}.${process.pid}`, JSON.stringify(found));
      renameSync(`${remembered}.${process.pid}`, remembered);
      return found;
    }
    reason = failure;
  }
  return reason;
}

/**
 * The package unpacks into os.tmpdir() with fixed names. A child process with a temporary folder of its own makes that
 * safe for two at once.
 */
const UNPACK = `
  const { default: chromium, inflate } = await import('@sparticuz/chromium');
  await chromium.executablePath();
  await inflate(process.argv[1]);
`;

function packaged(): string {
  const entry = fileURLToPath(import.meta.resolve('@sparticuz/chromium'));
  const root = dirname(dirname(entry));
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const folder = join(cacheFolder(), version);
  if (existsSync(folder)) return folder;
  const aside = mkdtempSync(join(cacheFolder(), 'unpacking-'));
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--input-type=module', '-e', UNPACK, join(root, 'bin', 'al2023.tar.br')],
    { cwd: root, env: { ...process.env, TMPDIR: aside }, encoding: 'utf8' },
  );
  if (status !== 0) throw new Error(`@sparticuz/chromium could not be unpacked:\n${stderr}`);
  try {
    renameSync(aside, folder);
  } catch (error) {
    // Another process was faster.
    if (!existsSync(folder)) throw error;
    rmSync(aside, { recursive: true, force: true });
  }
  return folder;
}

async function fromPackage(): Promise<Chromium | string> {
  if (process.platform !== 'linux' || process.arch !== 'x64') return '@sparticuz/chromium is for Linux on x86-64 only';
  const folder = packaged();
  const fonts = existsSync('/etc/fonts/fonts.conf') ? {} : { FONTCONFIG_PATH: join(folder, 'fonts') };
  const libraries = [join(folder, 'al2023', 'lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':');
  return starting(join(folder, 'chromium'), [fonts, { ...fonts, LD_LIBRARY_PATH: libraries }]);
}

export async function findChromium(): Promise<Chromium> {
  const named = process.env['CHROMIUM_PATH'];
  const refused: string[] = [];
  for (const path of named ? [named] : installed()) {
    const found = await starting(path, [{}]);
    if (typeof found !== 'string') return found;
    refused.push(`${path}: ${found}`);
  }
  if (!named) {
    const found = await fromPackage();
    if (typeof found !== 'string') return found;
    refused.push(found);
  }
  throw new Error(`No browser starts here. Install Chrome or Chromium, or set CHROMIUM_PATH.\n${refused.join('\n')}`);
}
