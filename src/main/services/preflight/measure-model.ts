/** Measures training steps of a model on this machine: a few steps on noise, at one size and batch. */
import { availableParallelism } from 'node:os';
import type { Gpu } from '../../../shared/contract/devices';
import type { ModelMeasurement } from '../../../shared/contract/models';
import { buildPlan, type Plan } from '../../../shared/curriculum/plan';
import { checkSize } from '../../../shared/curriculum/size-rule';
import { PAPER_DATA } from '../../../shared/published/departures';
import type { RunConfig } from '../../../shared/run-config';
import { resolveConfig } from '../../../shared/run-config-resolve';
import { machineFields, type MachineDefaults } from '../../../shared/schedule-editor/draft-config';
import { modelEntry } from '../../engine/models';
import { findTask } from '../../engine/tasks';
import { liveDevices } from '../../store/run-devices';
import { keepMeasurement } from '../../store/model-measurements';
import type { Store } from '../../store/open';
import { borrowDevice, figuresOf } from '../gpu/take-device';
import { memoryOf } from './device-memory';
import { measureStages } from './dry-run';
import { machineName } from './measuring-machine';
import { estimateMemory } from './memory-estimate';

export type ModelSize = Pick<ModelMeasurement, 'model' | 'size' | 'batch'>;

export interface Measuring {
  home: string;
  store: Store;
  settings: MachineDefaults;
  signal: AbortSignal;
  /** Phases are `trace` and `steps`. */
  onPhase: (phase: string) => void;
}

interface Laid {
  config: RunConfig;
  plan: Plan;
  classes: number;
}

/** Plans the model's own recipe at one size, with ImageNet's classes. @throws AppError invalid_config, not_found */
function layOut({ model, size, batch }: ModelSize, settings: MachineDefaults): Laid {
  const entry = modelEntry(model);
  checkSize(model, entry.sizes, size);
  const flags = { ...machineFields(settings), size, 'data.batch': batch };
  const { config } = resolveConfig({ dataset: '', model: entry, preset: 'constant', flags });
  const threads = config.engine.intra_op_threads ?? availableParallelism();
  return {
    config: { ...config, engine: { ...config.engine, intra_op_threads: threads } },
    plan: buildPlan(config, PAPER_DATA.images, (side) => entry.macs(side)),
    classes: findTask(config.task).needsLabels ? PAPER_DATA.classes : 0,
  };
}

/**
 * Returns the GPU memory that the steps took: the difference of nvidia-smi's figures before TensorFlow was loaded and
 * after them.
 */
const takenOf = (before: Gpu, after: Gpu): number => Math.max(after.memory_used - before.memory_used, 0);

/**
 * Measures a model, and keeps the result in the store. Where the estimate exceeds the device's memory, no step is
 * tried.
 * @throws AppError invalid_config (a size that the model refuses), not_found, engine_failed
 */
export async function measureModel(asked: ModelSize, measuring: Measuring): Promise<ModelMeasurement> {
  const { home, store, settings, signal, onPhase } = measuring;
  const { config, plan, classes } = layOut(asked, settings);
  const device = await borrowDevice(store, config.engine.device);
  const gpu = await figuresOf(device);
  const beside_training = liveDevices(store).length > 0;
  onPhase('trace');
  const estimated = Math.max(0, ...estimateMemory(config, classes, plan).map(({ bytes }) => bytes));
  signal.throwIfAborted();
  const result: ModelMeasurement = {
    ...{ ...asked, measured: new Date().toISOString(), images_per_second: null },
    ...{ memory_bytes: estimated, beside_training },
  };
  if (estimated <= memoryOf(gpu).bytes) {
    onPhase('steps');
    const [step] = await measureStages({ home, config, classes, plan, signal, gpu, onStage: () => undefined });
    const after = gpu && (await figuresOf(device));
    result.images_per_second = step ? step.batch / step.step_seconds : null;
    result.memory_bytes = gpu && after ? takenOf(gpu, after) : (step?.peak_bytes ?? estimated);
    result.beside_training ||= liveDevices(store).length > 0;
  }
  const threads = config.engine.intra_op_threads ?? availableParallelism();
  keepMeasurement(store, machineName(threads, device.kind === 'gpu' ? device.name : null), result);
  return result;
}
