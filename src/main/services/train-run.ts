/** One run from claim to end, inside the trainer process: wires store, loaders, engine and loop together. */
import { availableParallelism } from 'node:os';
import type { RunDevice } from '../../shared/contract/devices';
import { positionAt } from '../../shared/curriculum/plan';
import { errorData } from '../../shared/errors';
import { withLaterFields } from '../../shared/run-config';
import type { RunState } from '../../shared/run-state';
import { openProgram } from '../engine/capture/open';
import { createEvalLoader } from '../engine/data/loader/eval-loader';
import { createTrainLoader } from '../engine/data/loader/train-loader';
import { loadBinding } from '../engine/backend/load';
import { locateEngine } from '../engine/backend/locate';
import { initialState, scratchState, stateVariables } from '../engine/tasks/classify';
import { checkpointState, newestCheckpoint } from '../engine/train/checkpoint';
import { TrainLoop, type LoopEnd, type LoopStart } from '../engine/train/loop';
import { augmentOptions, loaderStages, trainingSetup, type TrainingSetup } from '../engine/train/setup';
import type { StateValues } from '../engine/types';
import type { StageReport } from '../engine/train/observer';
import type { TrainerMessage } from '../engine/train/protocol';
import { loadTimmWeights } from '../engine/weights/load-timm';
import { entryPath } from '../entry';
import { graphCacheFolder, runFolder } from '../home';
import { findDataset } from '../store/datasets';
import { stageTimes } from '../store/history';
import { openStore, type Store } from '../store/open';
import { Recorder } from '../store/recorder';
import { spoolPathOf, takeSpooled } from '../store/spool';
import { setDevice } from '../store/run-devices';
import { claimRun, runById, type Run } from '../store/runs';
import { loadSampleTable, verifyDataset } from './datasets';
import { nameOfGpu } from './gpu/assign';
import { confirmedDevice, takeRunDevice } from './gpu/take-device';
import { RunObserver } from './run-observer';

export interface TrainRunOptions {
  home: string;
  databasePath: string;
  runId: string;
  send: (message: TrainerMessage) => void;
  /** What the process was asked over its channel or by a signal. */
  asked: () => 'pause' | 'stop' | 'interrupt' | null;
}

/** Bytes of evaluation views that are kept between evaluations. */
const KEPT_VIEWS = 1 << 30;

export async function trainRun(options: TrainRunOptions): Promise<void> {
  const { home, runId, send } = options;
  const store = openStore(options.databasePath);
  claimRun(store, runId, process.pid);
  takeSpooled(store, runId, spoolPathOf(home, runId));
  const stored = runById(store, runId) as Run;
  const run = { ...stored, config: withLaterFields(stored.config) };
  const recorder = new Recorder(entryPath('store-writer'), {
    path: options.databasePath,
    runId,
    spoolPath: spoolPathOf(home, runId),
  });
  const observer = new RunObserver(run, recorder, options);
  let state: RunState = 'failed';
  let error: unknown = null;
  try {
    const end = await trainPrepared(store, run, observer, options);
    state = end.outcome;
  } catch (caught) {
    error = caught;
    console.error(caught);
  }
  observer.finish(state, error === null ? null : errorData(error));
  await recorder.close();
  store.close();
  send({
    type: 'finished',
    state,
    step: observer.finishedSteps,
    checkpoint: observer.lastCheckpoint,
    error: error === null ? null : errorData(error),
  });
  if (error !== null) process.exitCode = 1;
}

async function trainPrepared(store: Store, run: Run, observer: RunObserver, { home }: TrainRunOptions): Promise<LoopEnd> {
  const { config, plan } = run;
  const device = await takeRunDevice(store, run.id, config.engine.device);
  const dataset = findDataset(store, config.dataset);
  observer.activity('checking the dataset');
  await verifyDataset(store, dataset);
  const setup = trainingSetup(config, dataset.classes.length, plan.stages);
  const folder = runFolder(home, run.id);
  const { start, state } = await startingPoint(store, run, setup, folder, observer);
  const samples = loadSampleTable(store, dataset, 'train');
  const validation = loadSampleTable(store, dataset, 'val');
  const { data } = config;
  const workerFile = entryPath('loader-worker');
  // The workers decode the first batches while the graph is built.
  const loader = createTrainLoader(
    workerFile,
    {
      samples,
      seed: config.seed,
      size: config.size,
      stages: loaderStages(plan),
      augment: augmentOptions(config),
      workers: data.workers,
      prefetchBytes: data.prefetch_mb * 2 ** 20,
    },
    start.step,
  );
  const evalLoader = createEvalLoader(workerFile, {
    samples: validation,
    size: config.size,
    cropPct: data.crop_pct,
    interpolation: data.interpolation,
    batch: config.eval.batch,
    workers: data.workers,
    keepBytes: KEPT_VIEWS,
  });
  try {
    observer.activity('building the graph');
    const { executor, cached, traceMs, openMs } = openProgram({
      build: setup.program,
      key: setup.key,
      cacheFolder: graphCacheFolder(home),
      autocast: setup.autocast,
    });
    const engine = locateEngine();
    tellDevice(store, run, device, engine.kind !== 'tfjs-cpu' && loadBinding().isUsingGpuDevice(), observer);
    observer.engine({
      kind: engine.kind,
      executor: executor.kind,
      autocast: config.engine.autocast && executor.kind === 'captured',
      graph_cached: cached,
      trace_ms: Math.round(traceMs),
      open_ms: Math.round(openMs),
    });
    executor.write(state);
    executor.write(scratchState(setup.classify));
    observer.running();
    const intraOpThreads = config.engine.intra_op_threads ?? availableParallelism();
    return await new TrainLoop({
      config,
      plan,
      classes: dataset.classes.length,
      model: setup.model,
      executor,
      stateNames: Object.keys(stateVariables(setup.classify)),
      loader,
      evalLoader,
      runFolder: folder,
      intraOpThreads,
      start,
      observer,
    }).run();
  } finally {
    await Promise.all([loader.close(), evalLoader.close()]);
  }
}

/** A GPU that TensorFlow does not take in spite of all is no reason to fail, but one to be told. */
function tellDevice(store: Store, run: Run, device: RunDevice, usesGpu: boolean, observer: RunObserver): void {
  const confirmed = confirmedDevice(device, usesGpu);
  if (confirmed !== device) setDevice(store, run.id, confirmed);
  if (device.kind !== 'gpu') return;
  const gpu = `${nameOfGpu(device)} (${device.name})`;
  const message =
    confirmed === device
      ? `Trains on ${gpu}.`
      : `TensorFlow can't use ${gpu}, so this run trains on the processor. The command doctor, with TF_CPP_MIN_LOG_LEVEL=0 in its environment, prints why.`;
  observer.event(run.step, 'device', message);
}

/** What the stage of a checkpoint had taken by then: of what was last told, as much as its steps are. */
function spentUntil(store: Store, { id, plan }: Run, step: number): StageReport | null {
  const { stage } = positionAt(plan, step);
  const done = step - (plan.stages[stage]?.first_step ?? 0);
  const row = stageTimes(store, id).find((time) => time.stage === stage);
  if (!row?.steps_done || done < 1) return null;
  const share = done / row.steps_done;
  return {
    ...{ stage, stepsDone: done, seconds: share * row.seconds, computeSeconds: share * row.compute_seconds },
    ...{ loaderSeconds: share * row.loader_seconds, images: Math.round(share * row.images) },
  };
}

/** The newest valid checkpoint, or the initial state. Points past it are forgotten: they are made again, bit for bit. */
async function startingPoint(
  store: Store,
  run: Run,
  setup: TrainingSetup,
  folder: string,
  observer: RunObserver,
): Promise<{ start: LoopStart; state: StateValues }> {
  const { checkpoint, skipped } = await newestCheckpoint(folder);
  for (const { message, why } of skipped) observer.event(run.step, 'checkpoint_invalid', `${message} ${why}`);
  if (checkpoint) {
    const { step, best, wall_seconds } = checkpoint.info;
    observer.resumed(step, best);
    const spent = spentUntil(store, run, step);
    return { start: { step, best, wallSeconds: wall_seconds, spent }, state: checkpointState(checkpoint) };
  }
  observer.resumed(0, null);
  const { config } = run;
  const start: LoopStart = { step: 0, best: null, wallSeconds: 0, spent: null };
  if (config.init === null) return { start, state: initialState(setup.classify, config.seed) };
  const { values, report } = loadTimmWeights(setup.model, config.init);
  observer.event(
    0,
    'init',
    `Started from ${config.init}: ${report.loaded} parameters${report.head_replaced ? ', classifier replaced' : ''}${report.resized.length ? `, ${report.resized.join(', ')} resampled` : ''}.`,
  );
  return { start, state: initialState(setup.classify, config.seed, values) };
}
