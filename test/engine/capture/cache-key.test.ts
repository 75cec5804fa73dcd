/** A cached graph is found only by those who would trace the same one. */
import { expect, it, vi } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import type { Tensor } from '../../../src/main/engine/types';
import { engineMissing } from '../../support/engine';
import { float, newCache, programOf } from './programs';

/** Stand-ins for the program's own sources and its packages. */
const { stands } = vi.hoisted(() => ({ stands: { code: 'sources', tfjs: ['4.22.0', '4.22.0'] } }));
vi.mock('../../../src/main/engine/capture/code-version', () => ({ codeVersion: () => stands.code }));
vi.mock('../../../src/main/engine/capture/trace-versions', () => ({ traceVersions: () => stands.tfjs }));

it.skipIf(engineMissing)('another tfjs, other sources, autocast or another key trace anew; the same find it', () => {
  const cacheFolder = newCache();
  const build = vi.fn(() => programOf(({ tf }, { x }) => ({ y: tf.mul(x as Tensor, 2) }), { x: float(3) }));
  const isFound = (more: { key?: unknown; autocast?: string[] } = {}): boolean => {
    const { executor, cached } = openProgram({ build, key: 1, cacheFolder, ...more });
    executor.dispose();
    return cached;
  };
  expect([isFound(), isFound()]).toEqual([false, true]);
  stands.tfjs = ['4.23.0', '4.22.0'];
  expect([isFound(), isFound()]).toEqual([false, true]);
  stands.tfjs = ['4.23.0', '4.23.0'];
  expect([isFound(), isFound()]).toEqual([false, true]);
  stands.code = 'changed sources';
  expect([isFound(), isFound()]).toEqual([false, true]);
  expect([isFound({ autocast: ['step'] }), isFound({ autocast: ['step'] })]).toEqual([false, true]);
  expect([isFound({ key: { a: 1 } }), isFound({ key: { a: 1 } })]).toEqual([false, true]);
  expect(build).toHaveBeenCalledTimes(6);
});
