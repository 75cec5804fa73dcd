/** Trains one run from claim to end inside the trainer process: it connects store, loaders, engine and loop. */
import { availableParallelism } from 'node:os';
import type { RunDevice } from '../../../shared/contract/devices';
import { stagesTakenOver } from '../../../shared/curriculum/branch';
import type { Plan } from '../../../shared/curriculum/plan';
import { imagesHeld } from '../../../shared/curriculum/replay';
import { errorData } from '../../../shared/errors';
import { withLaterFields } from '../../../shared/run-config';
import type { RunState } from '../../../shared/run-state';
import { openProgram } from '../../engine/capture/open';
import { createEvalLoader, type EvalLoaderPlan } from '../../engine/data/loader/eval-loader';
import { createTrainLoader } from '../../engine/data/loader/train-loader';
import { loadBinding } from '../../engine/backend/load';
import { locateEngine } from '../../engine/backend/locate';
import type { TrainLoader } from '../../engine/types';
import { bestOf } from '../../engine/train/best-of';
import { TrainLoop, type LoopEnd } from '../../engine/train/loop';
import { augmentOptions, loaderStages, trainingSetup } from '../../engine/train/setup';
import type { TrainerMessage } from '../../engine/train/protocol';
import { entryPath } from '../../base/entry';
import { graphCacheFolder, runFolder } from '../../base/home';
import { findDataset } from '../../store/datasets';
import { networkAdvice, networkFileSystem } from '../../store/network-file-system';
import { openStore, type Store } from '../../store/open';
import { Recorder } from '../../store/recorder';
import { spoolPathOf, takeSpooled } from '../../store/spool';
import { setDevice } from '../../store/run-devices';
import { claimRun, runById, type Run } from '../../store/runs';
import { touchedSentence, verifyDataset } from '../datasets/dataset-files';
import { loadSampleTable } from '../datasets/datasets';
import { nameOfGpu } from '../gpu/assign';
import { confirmedDevice, figuresOf, takeRunDevice } from '../gpu/take-device';
import { instructionSet } from '../doctor/cpu-features';
import { memoryOf } from '../preflight/device-memory';
import { isOutOfMemory, outOfMemory } from '../preflight/out-of-memory';
import { RunObserver } from './run-observer';
import { evaluationSamples, noValidation } from './evaluation-samples';
import { openKnn } from './knn-samples';
import { startingPoint } from './starting-point';
import { teacherState } from './teacher';
import { xlaFor } from '../preflight/xla-choice';

export interface TrainRunOptions {
  home: string;
  databasePath: string;
  runId: string;
  send: (message: TrainerMessage) => void;
  /** Returns what was requested over the process's channel or by a signal. */
  asked: () => 'pause' | 'stop' | 'interrupt' | null;
}

/** Number of bytes of evaluation views that are kept between evaluations. */
const KEPT_VIEWS = 1 << 30;

/**
 * Trains a run, and sends its end as a message. An error is recorded with the run, and sets the exit code to 1.
 * @throws AppError where another process has the run
 */
export async function trainRun(options: TrainRunOptions): Promise<void> {
  const { home, runId, send } = options;
  const store = openStore(options.databasePath);
  const owner = claimRun(store, runId, process.pid);
  takeSpooled(store, runId, spoolPathOf(home, runId));
  const stored = runById(store, runId) as Run;
  const run = { ...stored, config: withLaterFields(stored.config) };
  const recorder = new Recorder(entryPath('store-writer'), {
    path: options.databasePath,
    runId,
    spoolPath: spoolPathOf(home, runId),
    owner,
  });
  const observer = new RunObserver(run, recorder, { ...options, bestMetric: bestOf(run.config).metric });
  let state: RunState = 'failed';
  let error: unknown = null;
  try {
    const end = await trainPrepared(store, run, observer, options);
    state = end.outcome;
  } catch (caught) {
    error = isOutOfMemory(caught) ? await memoryFailure(store, run, observer.finishedSteps, caught) : caught;
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

async function trainPrepared(
  store: Store,
  run: Run,
  observer: RunObserver,
  { home }: TrainRunOptions,
): Promise<LoopEnd> {
  const { config } = run;
  tellNetwork(run, home, observer);
  const device = await takeRunDevice(store, run.id, config.engine.device);
  const dataset = findDataset(store, config.dataset);
  observer.activity('checking the dataset');
  const touched = await verifyDataset(store, dataset, (done, total) =>
    observer.activity(`comparing the content of ${total} files with new times: ${done} done`),
  );
  const said = touchedSentence(dataset, touched);
  if (said) observer.event(run.step, 'dataset', said);
  // Stages that another run has trained need no graph.
  const setup = trainingSetup(config, dataset.classes.length, run.plan.stages.slice(stagesTakenOver(config)));
  const folder = runFolder(home, run.id);
  const intraOpThreads = config.engine.intra_op_threads ?? availableParallelism();
  const { start, borders, state } = await startingPoint({ store, run, setup, folder, observer, intraOpThreads });
  const teacher = teacherState(config, dataset.classes.length, folder);
  const samples = loadSampleTable(store, dataset, 'train');
  const { samples: validation, split } = evaluationSamples(store, dataset, setup.task, () => samples);
  if (split !== 'val') observer.event(run.step, 'evaluation_split', noValidation(dataset, validation.count));
  const { data } = config;
  const workerFile = entryPath('loader-worker');
  // The workers decode the first batches while the graph is built.
  const loaderFrom = (plan: Plan, step: number): TrainLoader =>
    createTrainLoader(
      workerFile,
      {
        samples,
        seed: config.seed,
        size: config.size,
        stages: loaderStages(plan),
        augment: augmentOptions(config),
        workers: data.workers,
        prefetchBytes: data.prefetch_mb * 2 ** 20,
        replayImages: imagesHeld(config.replay.buffer_mb, config.size),
      },
      step,
    );
  let loader = loaderFrom(run.plan, start.step);
  const reload = async (plan: Plan, step: number): Promise<TrainLoader> => {
    await loader.close();
    return (loader = loaderFrom(plan, step));
  };
  const evalPlan: EvalLoaderPlan = {
    samples: validation,
    size: config.size,
    cropPct: data.crop_pct,
    interpolation: data.interpolation,
    batch: config.eval.batch,
    workers: data.workers,
    keepBytes: KEPT_VIEWS,
  };
  const evalLoader = createEvalLoader(workerFile, evalPlan);
  // Without a split val, images of train would be compared with themselves.
  const knn =
    setup.knnFeature !== null && split === 'val'
      ? openKnn(workerFile, evalPlan, { evalLoader, train: samples, classes: dataset.classes.length, setup })
      : null;
  try {
    observer.activity('building the graph');
    const xla = xlaFor(home, config, device);
    const { executor, cached, traceMs, openMs } = openProgram({
      build: setup.program,
      key: setup.key,
      cacheFolder: graphCacheFolder(home),
      autocast: setup.autocast,
      xla,
    });
    const engine = locateEngine();
    tellDevice(store, run, device, engine.kind !== 'tfjs-cpu' && loadBinding().isUsingGpuDevice(), observer);
    observer.engine({
      kind: engine.kind,
      executor: executor.kind,
      autocast: config.engine.autocast && executor.kind === 'captured',
      xla: xla && executor.kind === 'captured' && loadBinding().isUsingGpuDevice(),
      graph_cached: cached,
      trace_ms: Math.round(traceMs),
      open_ms: Math.round(openMs),
    });
    executor.write(state);
    executor.write(setup.training.scratchState());
    executor.write(teacher);
    observer.running();
    return await new TrainLoop({
      config,
      plan: run.plan,
      adaptive: borders && { borders, reload },
      setup,
      executor,
      stateNames: Object.keys(setup.training.stateVariables()),
      loader,
      evalLoader,
      knn: knn && knn.parts,
      evalImages: validation.count,
      runFolder: folder,
      intraOpThreads,
      instructionSet: instructionSet(),
      start,
      observer,
    }).run();
  } finally {
    await Promise.all([loader.close(), evalLoader.close(), knn?.close()]);
  }
}

/** Describes which stage was too large for the device's memory, and what would fit. */
async function memoryFailure(store: Store, { id, config, plan }: Run, step: number, cause: unknown): Promise<unknown> {
  const device = runById(store, id)?.device ?? null;
  const gpu = device && (await figuresOf(device));
  const classes = findDataset(store, config.dataset).classes.length;
  return outOfMemory(cause, { config, classes, plan, step, device: memoryOf(gpu) }) ?? cause;
}

function tellNetwork(run: Run, home: string, observer: RunObserver): void {
  const kind = networkFileSystem(home);
  if (kind === null) return;
  const { why, next } = networkAdvice(kind);
  observer.event(run.step, 'network_file_system', `${why} ${next}`);
}

/** Records the device. Where TensorFlow can't use the GPU, the run doesn't fail, but reports it. */
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
