/** Makes a program whose runs keep the device busy for a given time without using a processor. */
import { encodeSavedModel } from '../../../src/main/engine/capture/encode';
import type { GraphNode, GraphSignature, Info } from '../../../src/main/engine/capture/graph';
import { CapturedExecutor } from '../../../src/main/engine/capture/session';
import { storeGraph } from '../../../src/main/engine/capture/cache';
import { loadBinding } from '../../../src/main/engine/backend/load';
import type { DType, TensorInfo } from '../../../src/main/engine/types';

export interface WaitingSignature {
  inputs: Record<string, TensorInfo>;
  /**
   * Shapes of the outputs, all float32. The output `times` is added to them: when the wait began and ended, in
   * microseconds.
   */
  outputs: Record<string, readonly number[]>;
  milliseconds: number;
}

const EMPTY: GraphSignature = { inputs: {}, outputs: {} };

/** Makes the program. One of the inputs has to be called `images` and be of uint8. */
export function waitingProgram(
  signatures: Readonly<Record<string, WaitingSignature>>,
  cacheFolder: string,
): CapturedExecutor {
  const nodes: GraphNode[] = [];
  const ends: Record<string, GraphSignature> = {};
  const add = (name: string, op: string, inputs: string[], attrs: GraphNode['attrs'], outputs: Info[]): string => {
    nodes.push({ name, op, inputs, attrs, outputs });
    return name;
  };
  const type = (value: DType) => ({ kind: 'type', value }) as const;
  for (const [name, { inputs, outputs, milliseconds }] of Object.entries(signatures)) {
    const end: GraphSignature = { inputs: {}, outputs: {} };
    for (const [key, info] of Object.entries(inputs)) {
      const attrs: GraphNode['attrs'] = { dtype: type(info.dtype), shape: { kind: 'shape', value: [...info.shape] } };
      end.inputs[key] = { ref: add(`${name}/${key}`, 'Placeholder', [], attrs, [info]), ...info };
    }
    const times: Info = { shape: [2], dtype: 'int32' };
    const scalar: Info = { shape: [], dtype: 'float32' };
    const attrs = { milliseconds: { kind: 'float', value: milliseconds } } as const;
    const wait = add(`${name}/wait`, 'StudioTestWait', [`${name}/images`], attrs, [times]);
    end.outputs['times'] = { ref: wait, ...times };
    const literal = { kind: 'tensor', value: { ...scalar, values: Float32Array.of(1) } } as const;
    // Outputs are made beside the wait, so that they cost the device no time after it.
    const one = add(`${name}/one`, 'Const', [], { dtype: type('float32'), value: literal }, [scalar]);
    for (const [key, shape] of Object.entries(outputs)) {
      const dims: Info = { shape: [shape.length], dtype: 'int32' };
      const value = { kind: 'tensor', value: { ...dims, values: Int32Array.from(shape) } } as const;
      const size = add(`${name}/${key}/size`, 'Const', [], { dtype: type('int32'), value }, [dims]);
      const filled: Info = { shape, dtype: 'float32' };
      const fill = { T: type('float32'), index_type: type('int32') };
      end.outputs[key] = { ref: add(`${name}/${key}/out`, 'Fill', [size, one], fill, [filled]), ...filled };
    }
    ends[name] = end;
  }
  const manifest = { signatures: { ...ends, read: EMPTY, write: EMPTY }, variables: {} };
  const { folder } = storeGraph(
    cacheFolder,
    'waiting',
    encodeSavedModel({ nodes, signatures: manifest.signatures }),
    manifest,
  );
  return new CapturedExecutor(loadBinding(), folder, manifest);
}
