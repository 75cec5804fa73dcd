import { expect } from 'vitest';
import type { Executor } from '../../../src/main/engine/types';
import { expectClose } from './expect-close';
import { runLayer, type LayerCase } from './layer-programs';
import layersJson from './layers.json';
import windowLayersJson from './window-layers.json';

const golden: Record<string, Record<string, number[]>> = { ...layersJson, ...windowLayersJson };

/** Names of the cases in the golden files. */
export const goldenLayers: readonly string[] = Object.keys(golden);

/**
 * Expects the output, every gradient and every running statistic within 1e-5 of PyTorch's, relative to the largest
 * value.
 */
export function expectLayer(executor: Executor, example: LayerCase): void {
  const expected = golden[example.name]!;
  const actual = runLayer(executor, example);
  expect(Object.keys(actual).sort()).toEqual(Object.keys(expected).sort());
  // With a mean of 50, float32 leaves six digits for the deviations from it.
  const tolerance = example.name.includes('far from zero') ? 1e-4 : 1e-5;
  for (const [key, values] of Object.entries(expected))
    expectClose(actual[key]!, values, tolerance * Math.max(1, ...values.map(Math.abs)), `${example.name}: ${key}`);
}
