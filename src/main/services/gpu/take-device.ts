/** Takes a device inside the process that trains, before TensorFlow is loaded, and hides all others from TensorFlow. */
import type { Gpu, RunDevice } from '../../../shared/contract/devices';
import type { DeviceName } from '../../../shared/run-config';
import type { Store } from '../../store/open';
import { liveDevices, takeDevice } from '../../store/run-devices';
import { assignDevice, nameOfGpu } from './assign';
import { readGpus } from './nvidia-smi';
import { usableGpus, usesCuda } from './usable';

/**
 * Names a GPU for CUDA_VISIBLE_DEVICES. CUDA orders GPUs by speed and nvidia-smi by their place, so a GPU is named by
 * its uuid, which means the same to both.
 * @returns the new value of CUDA_VISIBLE_DEVICES; undefined: it stays
 */
export function visibleTo(device: RunDevice, asked: DeviceName): string | undefined {
  if (device.kind === 'gpu') return device.uuid;
  // Where no GPU is requested and none is known, there may be parts of one, which only CUDA can see.
  return asked === 'cpu' ? '-1' : undefined;
}

/** Returns the device of a run, by what TensorFlow reports once it is loaded. */
export function confirmedDevice(device: RunDevice, usesGpu: boolean): RunDevice {
  if (usesGpu && device.kind === 'cpu') return { kind: 'unnamed_gpu' };
  return !usesGpu && device.kind === 'gpu' ? { kind: 'cpu' } : device;
}

/** Makes TensorFlow, which is not loaded yet, see this device alone. */
function showOnly(device: RunDevice, asked: DeviceName): void {
  const visible = usesCuda() ? visibleTo(device, asked) : undefined;
  if (visible !== undefined) process.env['CUDA_VISIBLE_DEVICES'] = visible;
}

const known = (busy: readonly (RunDevice | null)[]): RunDevice[] => busy.filter((device) => device !== null);

/** Takes a device for the whole run. @throws AppError invalid_config where the run asks for a GPU that is not there */
export async function takeRunDevice(store: Store, id: string, asked: DeviceName): Promise<RunDevice> {
  const gpus = await usableGpus();
  const device = takeDevice(store, id, (busy) => assignDevice(asked, gpus, known(busy)));
  showOnly(device, asked);
  return device;
}

/** Returns the device's figures now; null for the processor, and where nvidia-smi does not report them. */
export async function figuresOf(device: RunDevice): Promise<Gpu | null> {
  if (device.kind !== 'gpu') return null;
  return (await readGpus()).gpus.find(({ uuid }) => uuid === device.uuid) ?? null;
}

/**
 * Borrows a device for reading what a run has learnt (evaluating, predicting, exporting): the one that the run would
 * get now. Where the run names a device that is not here, any is taken, because weights move between machines. A
 * process that has loaded TensorFlow before keeps its device.
 */
export async function borrowDeviceToRead(store: Store, asked: DeviceName): Promise<RunDevice> {
  const gpus = await usableGpus();
  const there = asked === 'cpu' || gpus.some((gpu) => nameOfGpu(gpu) === asked) ? asked : 'auto';
  const device = assignDevice(there, gpus, known(liveDevices(store)));
  showOnly(device, there);
  if (held === undefined) held = (device.kind === 'gpu' && gpus.find(({ uuid }) => uuid === device.uuid)) || null;
  return device;
}

/** The borrowed GPU; undefined: none was borrowed yet. */
let held: Gpu | null | undefined;

/** Returns the GPU that this process has borrowed to read what a run has learnt; null: it has none. */
export const heldGpu = (): Gpu | null => held ?? null;

/** Borrows the device that a run would get now for a few steps. @throws AppError invalid_config as above */
export async function borrowDevice(store: Store, asked: DeviceName): Promise<RunDevice> {
  const device = assignDevice(asked, await usableGpus(), known(liveDevices(store)));
  showOnly(device, asked);
  return device;
}
