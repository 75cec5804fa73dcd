/** Which of the two builds of TensorFlow an install takes: the CPU's, or CUDA's with its libraries. */
import { cuda } from './cache.mjs';
import { findDriver, isOlder } from './driver.mjs';

/**
 * EFFICIENTTRAIN_ENGINE decides where it is `cpu` or `cuda`; else the driver does.
 * @returns the build, and where it is the CPU's though there is a driver, why
 */
export function chooseBuild({ asked = process.env.EFFICIENTTRAIN_ENGINE, driver = findDriver() } = {}) {
  if (asked === 'cuda') return { build: 'cuda', why: null };
  if (asked === 'cpu' || driver === null) return { build: 'cpu', why: null };
  if (driver.version !== null && isOlder(driver.version, cuda.driver)) {
    return { build: 'cpu', why: `the NVIDIA driver ${driver.version} is older than CUDA 12 needs (${cuda.driver})` };
  }
  return { build: 'cuda', why: null };
}
