/** A run's description of the precision of its products. */
import { expect, it } from 'vitest';
import { productsOf } from '../../src/shared/products';

it.each([
  ['a captured step with autocast', { kind: 'libtensorflow', executor: 'captured', autocast: true }, 'bfloat16'],
  ['without', { kind: 'libtensorflow', executor: 'captured', autocast: false }, 'float32'],
  ['a run of before there was autocast', { kind: 'libtensorflow' }, 'float32'],
  ['a run that has not started', null, null],
])('%s', (_, engine, expected) => {
  expect(productsOf(engine)).toBe(expected);
});
