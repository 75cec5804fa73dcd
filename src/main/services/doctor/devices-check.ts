/** Checks the device that a run would compute on: what is there, what TensorFlow uses of it, and why not all. Pure. */
import { totalmem } from 'node:os';
import cuda from '../../../../resources/engine-cuda.json';
import type { Gpu } from '../../../shared/contract/devices';
import { inWords, type Fact } from '../../../shared/doctor-words';
import type { NvidiaDriver } from '../../engine/backend/nvidia-driver';
import { bad, good, type Check } from './doctor-check';
import { nameOfGpu } from '../gpu/assign';
import type { GpuReading } from '../gpu/nvidia-smi';
import { visibleGpus } from '../gpu/visible';

export interface Found {
  driver: NvidiaDriver | null;
  reading: GpuReading;
  engine: { cuda: boolean };
  /** Whether TensorFlow says that it uses a GPU. */
  usesGpu: boolean;
  environment: NodeJS.ProcessEnv;
}

/** Command by which a user can check whether a GPU works as it should. */
const CHECK_IT = inWords('check_gpu');

const GIB = 2 ** 30;
const gib = (bytes: number): string => (bytes / GIB).toFixed(1);

/** Describes memory in use, utilisation and temperature, the same in every language. */
const described = (gpu: Gpu): string =>
  [
    `${nameOfGpu(gpu)} ${gpu.name}`,
    `${gib(gpu.memory_used)}/${gib(gpu.memory_total)} GiB`,
    ...(gpu.utilization === null ? [] : [`${Math.round(100 * gpu.utilization)} %`]),
    ...(gpu.temperature === null ? [] : [`${gpu.temperature} °C`]),
  ].join(', ');

const downloadGb = (cuda.wheels.reduce((sum, { bytes }) => sum + bytes, 0) / 1e9).toFixed(1);

function whyNotInstalled(driver: NvidiaDriver | null): { cause: string; remedy: string } {
  if (driver?.version && driver.version.localeCompare(cuda.driver, 'en', { numeric: true }) < 0) {
    return {
      cause: `The NVIDIA driver ${driver.version} is older than CUDA 12 needs (${cuda.driver}).`,
      remedy: 'Update the driver, then run `npm run engine`. EFFICIENTTRAIN_ENGINE=cpu asks for the processor.',
    };
  }
  return {
    cause: 'The build of TensorFlow for CUDA is not installed, or not whole.',
    remedy: `Run \`npm run engine\`: it downloads ${downloadGb} GB. EFFICIENTTRAIN_ENGINE=cpu asks for the processor.`,
  };
}

export function devicesCheck({ driver, reading, engine, usesGpu, environment }: Found): Check {
  const cpu = inWords('cpu', { gib: gib(totalmem()) });
  const { gpus, why } = reading;
  const version: Fact[] = driver?.version ? [inWords('driver', { version: driver.version })] : [];
  const trouble: Fact[] = why === null ? [] : [`nvidia-smi: ${why}`];
  if (usesGpu) {
    const seen = visibleGpus(gpus, environment['CUDA_VISIBLE_DEVICES']).map(described);
    return good('devices', ...(seen.length ? seen : [inWords('a_gpu')]), ...version, ...trouble, cpu, CHECK_IT);
  }
  if (!driver && !gpus.length) return good('devices', cpu, inWords('no_gpu'), ...trouble);
  const names = gpus.length ? gpus.map(described).join('; ') : 'NVIDIA';
  const facts = [cpu, ...version, ...trouble];
  if (environment['EFFICIENTTRAIN_ENGINE'] === 'cpu') {
    return good('devices', ...facts, inWords('gpu_off', { gpus: names, by: 'EFFICIENTTRAIN_ENGINE=cpu' }));
  }
  const visible = environment['CUDA_VISIBLE_DEVICES'];
  if (engine.cuda && gpus.length && !visibleGpus(gpus, visible).length) {
    return good('devices', ...facts, inWords('gpu_off', { gpus: names, by: `CUDA_VISIBLE_DEVICES=${visible ?? ''}` }));
  }
  if (!engine.cuda) {
    const { cause, remedy } = whyNotInstalled(driver);
    return bad('devices', [...facts, inWords('gpu_unused', { gpus: names })], cause, remedy);
  }
  return bad(
    'devices',
    [...facts, inWords('gpu_refused', { gpus: names }), CHECK_IT],
    'TensorFlow finds no GPU that it can use.',
    'Run `efficienttrain doctor` with TF_CPP_MIN_LOG_LEVEL=0: it prints what TensorFlow says.',
  );
}
