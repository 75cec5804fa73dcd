/**
 * `npm run screenshots` writes every screen as WebP into docs/screenshots/. There are four pictures of each: every pair
 * of light or dark, 1440x900 or 1024x700, and English or Chinese is in one of them. `--all` takes all eight. The data
 * folder is made here: the bundled sample, two short runs that train to their end, one that is killed, one that fails,
 * one that trains and one that waits while the pictures are taken. `--only home,run` takes some of the screens.
 * `--reuse` begins with the runs that an earlier call trained. `--out FOLDER` writes the pictures elsewhere.
 */
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, existsSync, mkdirSync, readdirSync, rmSync, symlinkSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';
import sharp from 'sharp';
import { CHROMIUM_FLAGS, findChromium } from './support/chromium.ts';
import {
  INTERRUPTED,
  PRETRAINED,
  PRETRAINING,
  SEARCHING,
  STUDYING,
  training,
  TRANSFERS,
  TUNED,
} from './support/screenshot-runs.mjs';
import { goTo, loaded, readAs, reviewOf, tab } from './support/screenshot-pages.mjs';
import { parts, photographs, table } from './support/screenshot-sources.mjs';

const root = fileURLToPath(new URL('../..', import.meta.url));
const option = (name) => (process.argv.includes(name) ? process.argv[process.argv.indexOf(name) + 1] : null);
const out = option('--out') ?? join(root, 'docs', 'screenshots');
const folder = join(tmpdir(), 'efficienttrain-screenshots');
/** The sample is copied and the engine is linked, so that no picture shows a folder of this machine. */
const sample = join(folder, 'sign-digits');
const cache = join(folder, 'cache');
const realCache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
process.env.XDG_CACHE_HOME = cache;
const home = join(folder, 'studio');
/** A copy of the data folder after training, because taking pictures changes the folder. */
const trained = join(folder, 'trained');
const cli = join(root, 'out', 'main', 'cli.js');
const only = option('--only')?.split(',') ?? null;

const LANGUAGES = ['en', 'zh'];
const THEMES = ['light', 'dark'];
const SIZES = [
  { width: 1440, height: 900 },
  { width: 1024, height: 700 },
];
const QUALITY = 80;
const SETTLE_MS = 700;

function run(args) {
  const { status } = spawnSync(process.execPath, [cli, ...args, '--home', home], {
    cwd: folder,
    stdio: ['ignore', 'inherit', 'inherit'],
  });
  if (status !== 0) throw new Error(`${args[0]} ended with ${status}`);
}

/** Starts a run whose process is killed after some steps. */
async function interrupted() {
  const child = spawn(process.execPath, [cli, ...training(INTERRUPTED, 'constant'), '--seed', '1', '--home', home], {
    detached: true,
    stdio: 'ignore',
  });
  const ended = once(child, 'exit');
  // The process is killed in the middle of the run, however fast the machine is.
  for (let step = 0; step < 60;) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    step = listed().find((run) => run.name === INTERRUPTED)?.step ?? 0;
  }
  try {
    process.kill(-child.pid, 'SIGKILL');
  } catch (error) {
    if (error.code !== 'ESRCH') throw error;
  }
  await ended;
}

/** Trains a run that fails: its learning rate is far too high, so that its loss is NaN after a few steps. */
function failed() {
  const args = [...training('signs, learning rate 1e6', 'constant'), '--set', 'optimizer.base_lr=1e6', '--home', home];
  const { status } = spawnSync(process.execPath, [cli, ...args], { cwd: folder, stdio: 'ignore' });
  if (status === 0) throw new Error('the run that should fail has not');
}

async function serve(dataFolder) {
  const child = spawn(process.execPath, [cli, 'serve', '--port', '0', '--home', dataFolder], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let said = '';
  const address = await new Promise((resolve, reject) => {
    child.stdout.on('data', (bytes) => {
      said += bytes;
      const found = /http:\/\/127\.0\.0\.1:\d+\/#token=[\w-]+/.exec(said)?.[0];
      if (found) resolve(found);
    });
    child.once('exit', (code) => reject(new Error(`serve ended with ${code}:\n${said}`)));
  });
  return { child, address };
}

async function end({ child }) {
  const ended = once(child, 'exit');
  child.kill('SIGINT');
  await ended;
}

/** Maps each screen's name to the way to it. Tabs are found by position, because their words depend on the language. */
const screens = ({
  done,
  other,
  pretrained,
  tuned,
  live,
  broken,
  dataset,
  review,
  layout,
  refused,
  tableReview,
  search,
  studies,
}) => ({
  home: (page) => goTo(page, '#/'),
  datasets: (page) => goTo(page, '#/datasets'),
  dataset: (page) => goTo(page, `#/datasets/${dataset}`),
  review: (page) => goTo(page, review),
  layout: (page) => goTo(page, layout),
  'table-refused': async (page) => {
    await goTo(page, `#/datasets?source=${encodeURIComponent(refused)}`);
    await page.locator('.table-settings').waitFor({ timeout: 60_000 });
  },
  'table-review': (page) => goTo(page, tableReview),
  'new-run': async (page) => {
    await goTo(page, '#/new');
    await page.locator('main .frame img').first().waitFor({ timeout: 60_000 });
  },
  'new-run-mae': async (page) => {
    await goTo(page, '#/new');
    await page.locator('main .task button').nth(2).click();
    await page.locator('main .frame img').first().waitFor({ timeout: 60_000 });
  },
  searches: (page) => goTo(page, '#/searches'),
  search: (page) => goTo(page, `#/searches/${search}`),
  studies: (page) => goTo(page, '#/studies'),
  study: async (page) => {
    await goTo(page, `#/studies/${studies.frequency}`);
    await page.locator('[data-testid=filter-pictures] img').first().waitFor({ timeout: 60_000 });
  },
  'study-checkpoints': (page) => goTo(page, `#/studies/${studies.checkpoints}`),
  filter: async (page) => {
    await goTo(page, '#/new');
    await tab(page, 1);
    await page.getByRole('combobox', { name: 'data.filter' }).click();
    await page.getByRole('option').nth(1).click();
    await page.locator('[data-testid=filter-pictures] img').first().waitFor({ timeout: 60_000 });
    await page.getByTestId('filter-pictures').scrollIntoViewIfNeeded();
  },
  runs: (page) => goTo(page, '#/runs'),
  run: (page) => goTo(page, `#/runs/${done}`),
  'run-live': (page) => goTo(page, `#/runs/${live}`),
  'run-failed': (page) => goTo(page, `#/runs/${broken}`),
  batch: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 1);
    await page.locator('[data-testid=batch-images] img').first().waitFor({ timeout: 90_000 });
  },
  reconstructions: async (page) => {
    await goTo(page, `#/runs/${pretrained}?tab=reconstructions`);
    await page.locator('[data-testid=reconstructions] img').first().waitFor({ timeout: 90_000 });
  },
  pretraining: (page) => goTo(page, `#/runs/${pretrained}`),
  lineage: (page) => goTo(page, `#/runs/${tuned}`),
  'export-mae': (page) => goTo(page, `#/runs/${pretrained}?tab=exports`),
  zoo: async (page) => {
    await goTo(page, '#/models');
    await page.locator('tr[data-model="swin_tiny_patch4_window7_224"] button').first().click();
  },
  'zoo-accuracy': async (page) => {
    await goTo(page, '#/models');
    await page.locator('.segmented').first().locator('.item').last().click();
    // Compute needs no measurement of this machine's speed.
    await page.locator('.segmented').last().locator('.item').last().click();
  },
  transfer: async (page) => {
    await goTo(page, `#/transfer?run=${pretrained}`);
    await page.locator('[data-testid=transfer-facts]').waitFor({ timeout: 60_000 });
  },
  log: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 3);
  },
  configuration: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 4);
  },
  notes: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 5);
  },
  findings: (page) => goTo(page, `#/datasets/${dataset}?tab=left_out`),
  checks: async (page) => {
    await goTo(page, '#/new');
    await page.locator('main .frame img').first().waitFor({ timeout: 60_000 });
    await tab(page, 2);
    await page.locator('main [role=tabpanel] button').first().click();
    await page.locator('main [role=tabpanel] li').nth(4).waitFor({ timeout: 180_000 });
  },
  queue: (page) => goTo(page, '#/runs?queue=1'),
  classes: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 2);
  },
  export: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 6);
  },
  try: async (page) => {
    await goTo(page, `#/runs/${done}`);
    await tab(page, 7);
    const file = (name) => join(sample, 'val', name, readdirSync(join(sample, 'val', name)).sort()[0]);
    await page
      .locator('main input[type=file]')
      .setInputFiles(['zero', 'two', 'five', 'six', 'eight', 'nine'].map(file));
    await page.waitForFunction(() => document.querySelectorAll('main li img').length === 6, null, { timeout: 90_000 });
  },
  compare: (page) => goTo(page, `#/compare?runs=${other},${done}`),
  settings: (page) => goTo(page, '#/settings'),
  doctor: async (page) => {
    await goTo(page, '#/settings?tab=doctor');
    await page.waitForFunction(() => document.querySelectorAll('main li').length > 8, null, { timeout: 120_000 });
  },
});

async function picture(page, name, theme, { width, height }, language) {
  await page.emulateMedia({ colorScheme: theme, reducedMotion: 'reduce' });
  await page.setViewportSize({ width, height });
  await page.mouse.move(0, height / 2);
  await page.evaluate(() => document.activeElement?.blur());
  await page.waitForTimeout(SETTLE_MS);
  await loaded(page);
  const file = join(out, `${name}-${theme}-${width}x${height}-${language}.webp`);
  await sharp(await page.screenshot())
    .webp({ quality: QUALITY, effort: 6 })
    .toFile(file);
}

const ALL = process.argv.includes('--all');

async function pictures(page, name, language) {
  for (const [of, theme] of THEMES.entries())
    for (const [at, size] of SIZES.entries())
      if (ALL || (of + at + LANGUAGES.indexOf(language)) % 2 === 0) await picture(page, name, theme, size, language);
}

/** Sets the language in the settings screen. */
async function setLanguage(page, language) {
  await goTo(page, '#/settings');
  await page.getByRole('combobox').first().click();
  await page
    .getByRole('option')
    .nth(1 + LANGUAGES.indexOf(language))
    .click();
  await page.waitForFunction((to) => document.documentElement.lang.startsWith(to), language);
}

async function window(browser, dataFolder, use) {
  const served = await serve(dataFolder);
  const context = await browser.newContext({ viewport: SIZES[0], locale: 'en-US' });
  const page = await context.newPage();
  page.on('pageerror', (error) => console.error(error));
  try {
    await page.goto(served.address);
    await page.getByRole('contentinfo').waitFor({ timeout: 60_000 });
    await use(page);
  } finally {
    await context.close();
    await end(served);
  }
}

function answer(...args) {
  const { stdout } = spawnSync(process.execPath, [cli, ...args, '--json', '--home', home], { encoding: 'utf8' });
  return JSON.parse(stdout);
}

const listed = () => answer('runs').runs;

const idOf = (name) => listed().find((run) => run.name === name).id;

/** Designs and starts a run as a user does. The first one trains, and the second waits. */
async function start(page, name) {
  await goTo(page, '#/new');
  await page.getByLabel('Name').fill(name);
  await page.getByRole('button', { name: 'Start training' }).click();
  // Where a check warns, for example about memory that others use, the start has to be confirmed.
  const anyway = page.getByRole('button', { name: 'Start anyway' });
  const started = page.waitForURL(/#\/runs\/\w+/, { timeout: 180_000 });
  await Promise.race([started, anyway.waitFor({ timeout: 180_000 }).then(() => anyway.click())]);
  await started;
}

async function prepare(page) {
  const [done, other] = [idOf('signs, EfficientTrain++'), idOf('signs, constant')];
  const [pretrained, tuned] = [idOf(PRETRAINED), idOf(TUNED)];
  await goTo(page, `#/runs/${done}`);
  await page.getByRole('tab').nth(6).click();
  await page.locator('main form button[type=submit]').click();
  await page
    .getByText(/^(Agrees with the run|Gives exactly)/)
    .first()
    .waitFor({ timeout: 180_000 });
  await goTo(page, '#/datasets');
  await page.locator('main a[href*="#/datasets/"]').first().click();
  await page.waitForURL(/#\/datasets\/\w+/);
  const dataset = /datasets\/([\w-]+)/.exec(page.url())[1];
  const review = await reviewOf(page, photographs(home, sample));
  const layout = await reviewOf(page, parts(home, sample));
  const refused = table(home, sample);
  const tableReview = await reviewOf(page, refused, async () => {
    await readAs(page, { encoding: 'windows-1252' });
    await page.getByText(/fold/).first().waitFor({ timeout: 60_000 });
    await readAs(page, { value: '0' });
  });
  await start(page, 'signs, 200 epochs');
  const live = /runs\/(\w+)/.exec(page.url())[1];
  await start(page, 'signs, 200 epochs, seed 1');
  // This gives the run its first points before Home is drawn.
  await page.waitForTimeout(20_000);
  const broken = idOf('signs, learning rate 1e6');
  const [{ id: search }] = answer('search', 'list').searches;
  const studies = Object.fromEntries(answer('study', 'list').studies.map(({ id, kind }) => [kind, id]));
  const shown = { dataset, review, layout, refused, tableReview, search, studies };
  return { done, other, pretrained, tuned, live, broken, ...shown };
}

spawnSync(process.execPath, [join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js'), 'build'], {
  cwd: root,
  stdio: 'ignore',
});
/** Trains runs to their end, one that is killed, and one that fails. */
async function train() {
  run(['import', sample, '--name', 'sign-digits']);
  run(training('signs, EfficientTrain++', 'efficienttrain++'));
  run(training('signs, constant', 'constant'));
  run(['train', ...PRETRAINING, '--name', PRETRAINED]);
  const measured = ['resnet18', 'deit_tiny_patch16_224', 'swin_micro'];
  const measuring = measured.map((model) => ['models', '--measure', model, '--size', '224']);
  for (const args of [...TRANSFERS, SEARCHING, ...STUDYING, ...measuring]) run(args);
  await interrupted();
  failed();
  cpSync(home, trained, { recursive: true });
}

const reuse = process.argv.includes('--reuse') && existsSync(trained);
for (const made of [home, join(folder, 'first'), cache, ...(reuse ? [] : [trained, sample])])
  rmSync(made, { recursive: true, force: true });
cpSync(join(root, 'resources', 'sample', 'sign-digits'), sample, { recursive: true, preserveTimestamps: true });
mkdirSync(cache, { recursive: true });
symlinkSync(join(realCache, 'efficienttrain-studio'), join(cache, 'efficienttrain-studio'), 'dir');
mkdirSync(home, { recursive: true });
mkdirSync(out, { recursive: true });
const { path, env } = await findChromium();
const browser = await chromium.launch({ executablePath: path, args: CHROMIUM_FLAGS, env: { ...process.env, ...env } });
try {
  if (!only || only.includes('welcome')) {
    await window(browser, join(folder, 'first'), async (page) => {
      for (const language of LANGUAGES) {
        await setLanguage(page, language);
        await goTo(page, '#/');
        await page.locator('main canvas').first().waitFor();
        await pictures(page, 'welcome', language);
      }
    });
  }
  if (reuse) cpSync(trained, home, { recursive: true });
  else await train();
  await window(browser, home, async (page) => {
    const made = await prepare(page);
    for (const language of LANGUAGES) {
      await setLanguage(page, language);
      for (const [name, open] of Object.entries(screens(made))) {
        if (only && !only.includes(name)) continue;
        await page.setViewportSize(SIZES[0]);
        await open(page);
        await loaded(page);
        await pictures(page, name, language);
        console.log(`${name} ${language}`);
      }
    }
  });
} finally {
  await browser.close();
}
