/** Assigns a device to a run. Pure: its arguments say what is there and what is taken. */
import { AppError } from '../../../shared/errors';
import type { Gpu, RunDevice } from '../../../shared/contract/devices';
import type { DeviceName } from '../../../shared/run-config';

type Named = Pick<Gpu, 'index' | 'uuid' | 'name'>;

const PROCESSOR: RunDevice = { kind: 'cpu' };
const asDevice = ({ index, uuid, name }: Named): RunDevice => ({ kind: 'gpu', index, uuid, name });

/** Returns the key that identifies a device. */
export const deviceKey = (device: RunDevice): string => (device.kind === 'gpu' ? device.uuid : device.kind);

export const nameOfGpu = ({ index }: Pick<Gpu, 'index'>): string => `gpu:${index}`;

/**
 * Returns the GPU that is asked for, else the one on which the fewest runs train; the processor where there is none.
 * @param busy devices of the runs that train @throws AppError invalid_config where a GPU is asked for that is not there
 */
export function assignDevice(asked: DeviceName, gpus: readonly Named[], busy: readonly RunDevice[]): RunDevice {
  if (asked === 'cpu') return PROCESSOR;
  if (asked !== 'auto') {
    const gpu = gpus.find((candidate) => nameOfGpu(candidate) === asked);
    if (gpu) return asDevice(gpu);
    throw new AppError({
      code: 'invalid_config',
      what: `This run is to train on ${asked}, which is not there.`,
      why: gpus.length
        ? `TensorFlow can use ${gpus.map(nameOfGpu).join(', ')} here.`
        : 'TensorFlow can use no GPU here: `efficienttrain doctor` says why.',
      next: 'Start it again where that GPU is, or start a new run with engine.device=auto.',
    });
  }
  const runsOn = ({ uuid }: Named): number => busy.filter((device) => deviceKey(device) === uuid).length;
  const [least] = gpus.toSorted((a, b) => runsOn(a) - runsOn(b) || a.index - b.index);
  return least ? asDevice(least) : PROCESSOR;
}

export interface Waiting {
  id: string;
  state: 'queued' | 'paused';
  asked: DeviceName;
}

/**
 * Returns the first run of the queue whose device is free. A paused one keeps its place, and with it a device; one that
 * asks for a missing device is started, so that it reports that.
 * @param queue in its order @param busy devices of the runs that train; null: of an unknown one
 */
export function nextToStart(
  queue: readonly Waiting[],
  gpus: readonly Named[],
  busy: readonly (RunDevice | null)[],
): string | null {
  const auto = gpus.length ? gpus.map(({ uuid }) => uuid) : ['cpu'];
  const free = new Set([...auto, 'cpu']);
  for (const device of busy) if (device) free.delete(deviceKey(device));
  // Without GPUs, any training run takes the processor. A run whose GPU isn't known may be on any of them.
  for (const device of busy) if (!device || device.kind === 'unnamed_gpu' || !gpus.length) takeAny(free, auto);
  for (const { id, state, asked } of queue) {
    const fitting =
      asked === 'auto'
        ? auto
        : asked === 'cpu'
          ? ['cpu']
          : gpus.filter((gpu) => nameOfGpu(gpu) === asked).map(({ uuid }) => uuid);
    const device = fitting.find((key) => free.has(key));
    if (state === 'queued' && (device !== undefined || !fitting.length)) return id;
    if (device !== undefined) free.delete(device);
  }
  return null;
}

function takeAny(free: Set<string>, keys: readonly string[]): void {
  const key = keys.find((candidate) => free.has(candidate));
  if (key !== undefined) free.delete(key);
}
