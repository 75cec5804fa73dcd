/** Chooses between the two builds of TensorFlow: the CPU's, or CUDA's with its libraries. */
import { cuda } from './cache.mjs';
import { findDriver, isOlder } from './driver.mjs';

/**
 * Follows EFFICIENTTRAIN_ENGINE where it is `cpu` or `cuda`; else the driver decides.
 * @returns the build, and the reason where it is the CPU's although there is a driver
 */
export function chooseBuild({ asked = process.env.EFFICIENTTRAIN_ENGINE, driver = findDriver() } = {}) {
  if (asked === 'cuda') return { build: 'cuda', why: null };
  if (asked === 'cpu' || driver === null) return { build: 'cpu', why: null };
  if (driver.version !== null && isOlder(driver.version, cuda.driver)) {
    return { build: 'cpu', why: `the NVIDIA driver ${driver.version} is older than CUDA 12 needs (${cuda.driver})` };
  }
  return { build: 'cuda', why: null };
}
