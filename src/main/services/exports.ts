/** Exports: written aside, checked in a fresh process, then moved into place. */
import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, resolve } from 'node:path';
import { AppError } from '../../shared/errors';
import { applyEngineEnvironment, engineEnvironment } from '../engine/backend/environment';
import { createEvalLoader } from '../engine/data/loader/eval-loader';
import type { ExportJob, Exporter } from '../engine/export/export-job';
import { exporterOf } from '../engine/export/exporters';
import { logitsOf } from '../engine/export/infer';
import { modelCard, type Parity } from '../engine/export/model-card';
import { entryPath } from '../entry';
import { graphCacheFolder } from '../home';
import { recordExport } from '../store/history';
import type { Store } from '../store/open';
import type { Run } from '../store/runs';
import { loadRunWeights, type RunWeights, type WeightChoice } from './checkpoints';
import { loadSampleTable } from './datasets';

export const PARITY_IMAGES = 64;
export const LARGEST_DIFFERENCE = 1e-4;
const CARD = 'README.md';

export interface ExportRequest extends WeightChoice {
  home: string;
  run: Run;
  format: string;
  out: string;
  /** Replace an export that is there. */
  force: boolean;
}

export interface Exported {
  path: string;
  format: string;
  parity: Parity;
}

/** @throws AppError parity_failed, io (the destination is not free), checkpoint_invalid */
export async function exportRun(store: Store, { home, run, format, out, force, ...choice }: ExportRequest): Promise<Exported> {
  const exporter = exporterOf(format);
  const destination = resolve(out);
  refuseOccupied(destination, force);
  const weights = await loadRunWeights(home, store, run, choice);
  const job = jobOf(weights);
  mkdirSync(dirname(destination), { recursive: true });
  const aside = mkdtempSync(join(dirname(destination), `.${basename(destination)}.`));
  try {
    applyEngineEnvironment({ intraOpThreads: weights.config.engine.intra_op_threads, interOpThreads: null });
    exporter.write(job, aside);
    const parity = await checkParity(store, home, exporter, aside, job, weights);
    writeFileSync(join(aside, CARD), modelCard(job, exporter, parity));
    rmSync(destination, { recursive: true, force: true });
    renameSync(aside, destination);
    recordExport(store, run.id, { path: destination, format, parity });
    return { path: destination, format, parity };
  } finally {
    rmSync(aside, { recursive: true, force: true });
  }
}

function refuseOccupied(folder: string, force: boolean): void {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return;
  const ours = existsSync(join(folder, CARD)) && readFileSync(join(folder, CARD), 'utf8').includes('EfficientTrain Studio');
  if (force && ours) return;
  throw new AppError({ code: 'io', what: `${folder} is not empty.`, why: ours ? 'It holds an earlier export.' : 'What it holds is not an export of ours, and would be lost.', next: ours ? 'Add --force to replace it, or choose another folder.' : 'Choose another folder.' });
}

function jobOf({ run, config, dataset, entry, model, values, weights, step }: RunWeights): ExportJob {
  const counts = Object.fromEntries(Object.entries(dataset.record.counts).map(([split, classes]) => [split, Object.values(classes).reduce((sum, count) => sum + count, 0)]));
  return { entry, model, values, config, plan: run.plan, classes: dataset.classes, run: { id: run.id, name: run.name, step, steps: run.steps, weights, best: run.best }, dataset: { name: dataset.name, counts } };
}

/** The first validation images, as evaluation sees them. */
async function validationImages(store: Store, { config, dataset }: RunWeights): Promise<{ images: Uint8Array; count: number }> {
  const samples = loadSampleTable(store, dataset, 'val');
  const count = Math.min(samples.count, PARITY_IMAGES);
  const { crop_pct: cropPct, interpolation, workers } = config.data;
  // A spread over the whole split, so that the classes are mixed.
  const loader = createEvalLoader(entryPath('loader-worker'), { samples, size: config.size, cropPct, interpolation, batch: 1, workers, keepBytes: 0 });
  const pixels = config.size * config.size * 3;
  const images = new Uint8Array(count * pixels);
  const every = Math.floor(samples.count / count);
  let [index, taken] = [0, 0];
  try {
    for (const { images: view } of loader.batches()) {
      if (index++ % every === 0 && taken < count) images.set(view, taken++ * pixels);
    }
  } finally {
    await loader.close();
  }
  return { images, count };
}

async function checkParity(store: Store, home: string, exporter: Exporter, folder: string, job: ExportJob, weights: RunWeights): Promise<Parity> {
  const { images, count } = await validationImages(store, weights);
  const { config } = weights;
  const cache = graphCacheFolder(home);
  const logits = logitsOf(job.model, job.values, { size: config.size, mean: config.data.mean, std: config.data.std }, images, count, cache);
  const expected = exporter.output === 'logits' ? logits : softmaxRows(logits, job.classes.length);
  const work = mkdtempSync(join(tmpdir(), 'export-check-'));
  try {
    writeFileSync(join(work, 'images'), images);
    await runCheck([exporter.id, folder, join(work, 'images'), String(count), join(work, 'out'), cache]);
    const bytes = readFileSync(join(work, 'out'));
    const found = new Float32Array(bytes.buffer.slice(bytes.byteOffset, bytes.byteOffset + bytes.byteLength) as ArrayBuffer);
    return agreed(expected, found, count);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function agreed(expected: Float32Array, found: Float32Array, images: number): Parity {
  const differences = expected.map((value, index) => Math.abs(value - (found[index] ?? NaN)));
  const max_abs_diff = differences.reduce((most, value) => (value <= most ? most : value), 0);
  if (found.length === expected.length && max_abs_diff <= LARGEST_DIFFERENCE) return { max_abs_diff, images };
  throw new AppError({ code: 'parity_failed', what: 'The export was refused: its files do not give what the run gives.', why: `Reloaded in a fresh process they differ by ${max_abs_diff}, more than ${LARGEST_DIFFERENCE}.`, next: 'Nothing was written. Run `efficienttrain doctor`; if all is well there, report this.' });
}

async function runCheck(args: string[]): Promise<void> {
  const child = spawn(process.execPath, [entryPath('export-check'), ...args], { stdio: ['ignore', 'ignore', 'pipe'], env: { ...process.env, ...engineEnvironment({ intraOpThreads: null, interOpThreads: null }) } });
  let errors = '';
  child.stderr.on('data', (chunk: Buffer) => (errors += chunk.toString()));
  const code = await new Promise<number | null>((done) => child.on('exit', done));
  if (code === 0) return;
  throw new AppError({ code: 'parity_failed', what: 'The export was refused: its files could not be loaded again.', why: errors.trim().split('\n').slice(-6).join('\n'), next: 'Nothing was written. Run `efficienttrain doctor`.' });
}

function softmaxRows(logits: Float32Array, classes: number): Float32Array {
  const out = new Float32Array(logits.length);
  for (let row = 0; row < logits.length; row += classes) {
    const scores = logits.subarray(row, row + classes);
    const highest = Math.max(...scores);
    const total = scores.reduce((sum, score) => sum + Math.exp(score - highest), 0);
    scores.forEach((score, index) => (out[row + index] = Math.exp(score - highest) / total));
  }
  return out;
}
