import { describe, expect, it } from 'vitest';
import type { Graph, GraphNode, Literal } from '../../src/main/engine/capture/graph';
import { freeBatch, TRACE_BATCHES } from '../../src/main/engine/export/free-batch';

const literal = (values: number[]): Literal => ({
  shape: [values.length],
  dtype: 'int32',
  values: Int32Array.from(values),
});

function constant(name: string, value: Literal): GraphNode {
  return {
    name,
    op: 'Const',
    inputs: [],
    attrs: { dtype: { kind: 'type', value: value.dtype }, value: { kind: 'tensor', value } },
    outputs: [value],
  };
}

function placeholder(batch: number): GraphNode {
  return {
    name: 'images',
    op: 'Placeholder',
    inputs: [],
    attrs: { dtype: { kind: 'type', value: 'uint8' }, shape: { kind: 'shape', value: [batch, 2] } },
    outputs: [{ shape: [batch, 2], dtype: 'uint8' }],
  };
}

const end = (ref: string, shape: number[]): Graph['signatures'][string]['inputs'][string] => ({
  ref,
  shape,
  dtype: 'uint8',
});

const graph = (batch: number, ...nodes: GraphNode[]): Graph => ({
  nodes: [placeholder(batch), ...nodes],
  signatures: { serve: { inputs: { images: end('images', [batch, 2]) }, outputs: {} } },
  variables: {},
});

const traced = (make: (batch: number) => GraphNode[]): Graph =>
  freeBatch(TRACE_BATCHES.map((batch) => graph(batch, ...make(batch))) as [Graph, Graph, Graph], 'images');

describe('a graph for any batch size', () => {
  it('frees the placeholder, the signature and the shapes that depend on it', () => {
    const free = traced((batch) => [
      { name: 'copy', op: 'Identity', inputs: ['images'], attrs: {}, outputs: [{ shape: [batch, 2], dtype: 'uint8' }] },
    ]);
    expect(free.nodes.find(({ name }) => name === 'images')?.attrs['shape']).toEqual({ kind: 'shape', value: [-1, 2] });
    expect(free.nodes.find(({ name }) => name === 'copy')?.outputs).toEqual([{ shape: [-1, 2], dtype: 'uint8' }]);
    expect(free.signatures['serve']?.inputs['images']?.shape).toEqual([-1, 2]);
  });

  it('computes a shape constant from the batch size, under its own name', () => {
    const free = traced((batch) => [
      constant('dims', literal([batch, 4, batch * 17, 3 * batch + 5])),
      { name: 'user', op: 'Reshape', inputs: ['images', 'dims'], attrs: {}, outputs: [] },
    ]);
    const value = (name: string): number[] =>
      Array.from(
        (free.nodes.find((node) => node.name === name)?.attrs['value']?.value as Literal).values as Int32Array,
      );
    expect(value('dims/slope')).toEqual([1, 0, 17, 3]);
    expect(value('dims/offset')).toEqual([0, 4, 0, 5]);
    expect(free.nodes.find(({ name }) => name === 'dims')).toMatchObject({
      op: 'AddV2',
      inputs: ['dims/product', 'dims/offset'],
    });
    expect(free.nodes.find(({ name }) => name === 'user')?.inputs).toEqual(['images', 'dims']);
  });

  it('leaves constants alone that do not depend on it', () => {
    const fixed = constant('fixed', { shape: [2], dtype: 'float32', values: Float32Array.of(NaN, -0) });
    expect(traced(() => [fixed]).nodes).toContainEqual(fixed);
  });

  it.each<[string, (batch: number) => GraphNode[], RegExp]>([
    [
      'a shape that is not affine',
      (batch) => [constant('square', literal([batch * batch]))],
      /square: its value is not affine/,
    ],
    [
      'a step that is no whole number',
      (batch) => [constant('half', literal([Math.floor(batch / 2)]))],
      /half: its value is not affine/,
    ],
    [
      'a shape that jumps at one size',
      (batch) => [constant('odd', literal([batch === TRACE_BATCHES[2] ? 1 : batch]))],
      /odd: its value is not affine/,
    ],
    [
      'a float, such as one over the batch',
      (batch) => [constant('mean', { shape: [1], dtype: 'float32', values: Float32Array.of(1 / batch) })],
      /mean: a value that is no shape/,
    ],
    [
      'an attribute',
      (batch) => [
        { name: 'parts', op: 'Unpack', inputs: ['images'], attrs: { num: { kind: 'int', value: batch } }, outputs: [] },
      ],
      /parts \(Unpack\): num/,
    ],
    [
      'a rank',
      (batch) => [
        {
          name: 'rank',
          op: 'Foo',
          inputs: [],
          attrs: {},
          outputs: [{ shape: batch === TRACE_BATCHES[0] ? [1] : [1, 1], dtype: 'float32' }],
        },
      ],
      /rank depends/,
    ],
    [
      'another op',
      (batch) => [{ name: 'op', op: batch === TRACE_BATCHES[2] ? 'Foo' : 'Bar', inputs: [], attrs: {}, outputs: [] }],
      /another node/,
    ],
    [
      'another number of nodes',
      (batch) => (batch === TRACE_BATCHES[1] ? [constant('more', literal([1]))] : []),
      /number of nodes/,
    ],
  ])('refuses %s', (_, make, message) => {
    expect(() => traced(make)).toThrow(message);
  });
});
