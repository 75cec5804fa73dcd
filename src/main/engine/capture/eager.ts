/**
 * Runs a program op by op. It is the reference in tests, and the fallback where libtensorflow is missing (tfjs's CPU
 * backend, where `raw` is false and layers compose from tfjs ops).
 */
import type { Variable } from '@tensorflow/tfjs';
import type { LoadedBackend } from '../backend/load';
import type {
  Attr,
  Context,
  Executor,
  HostArray,
  PendingRun,
  Program,
  Signature,
  StateValues,
  Tensor,
  TensorInfo,
  TF,
} from '../types';
import { checkInput } from './check-input';
import { DTYPE } from '../backend/dtype';
import type { NodeBackend } from '../backend/node-backend';
import { toAddonAttrs } from '../backend/raw-op';
import { AtOnce } from '../backend/at-once';
import { stateEntries } from './state-entries';

export class EagerExecutor implements Executor {
  readonly kind = 'eager';
  private readonly variables = new Map<string, Variable>();
  private readonly tf: TF;
  private readonly atOnce = new AtOnce();

  constructor(
    private readonly program: Program,
    private readonly loaded: LoadedBackend,
  ) {
    this.tf = loaded.tf;
    for (const [name, { shape, dtype }] of Object.entries(program.variables)) {
      this.variables.set(
        name,
        this.tf.tidy(() => this.tf.variable(this.tf.zeros([...shape], dtype as 'float32' | 'int32'))),
      );
    }
  }

  write(values: StateValues): void {
    for (const [name, array] of stateEntries(values)) {
      const info = this.program.variables[name];
      if (!info) throw new Error(`no variable ${name}`);
      const copy = checkInput('write', name, info, array).slice();
      this.tf.tidy(() =>
        this.variables.get(name)?.assign(this.tf.tensor(copy, [...info.shape], info.dtype as 'float32' | 'int32')),
      );
    }
  }

  read(names: readonly string[] = [...this.variables.keys()]): Record<string, Float32Array | Int32Array> {
    return Object.fromEntries(
      names.map((name) => {
        const variable = this.variables.get(name);
        if (!variable) throw new Error(`no variable ${name}`);
        return [name, variable.dataSync().slice() as Float32Array];
      }),
    );
  }

  start(name: string, inputs: Record<string, HostArray>): PendingRun {
    const signature = this.program.signatures[name];
    if (!signature) throw new Error(`no signature ${name}`);
    for (const key of Object.keys(inputs))
      if (!signature.inputs[key]) throw new Error(`${name}: no input ${key} is declared`);
    const checked = Object.entries(signature.inputs).map(
      ([key, info]) => [key, info, checkInput(name, key, info, inputs[key])] as const,
    );
    const finish = this.atOnce.run(() => this.perform(signature, checked));
    return {
      wait: () => {
        const { result: outputs, ...times } = finish();
        return { outputs, ...times };
      },
    };
  }

  run(name: string, inputs: Record<string, HostArray>): Record<string, Float32Array | Int32Array> {
    return this.start(name, inputs).wait().outputs;
  }

  prepare(): void {
    // Eager runs need no preparation.
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
  }

  private perform(
    signature: Signature,
    inputs: readonly (readonly [string, TensorInfo, HostArray])[],
  ): Record<string, Float32Array | Int32Array> {
    return this.tf.tidy(() => {
      const context = new EagerContext(this.tf, this.loaded.backend, this.variables);
      const tensors = Object.fromEntries(inputs.map(([key, info, values]) => [key, this.upload(info, values)]));
      const results = signature.body(context, tensors);
      return Object.fromEntries(
        Object.entries(results).map(([key, tensor]) => [key, tensor.dataSync().slice() as Float32Array]),
      );
    });
  }

  private upload(info: TensorInfo, values: HostArray): Tensor {
    const shape = [...info.shape];
    if (info.dtype !== 'uint8') return this.tf.tensor(values.slice(), shape, info.dtype);
    const { backend } = this.loaded;
    if (!backend) return this.tf.tensor(Int32Array.from(values), shape, 'int32');
    const dataId = {};
    backend.tensorMap.set(dataId, {
      id: backend.binding.createTensor(shape, DTYPE.uint8, values.slice()),
      shape,
      dtype: DTYPE.uint8,
      values: null,
      refCount: 1,
    });
    return this.tf.engine().makeTensorFromTensorInfo({ dataId, shape, dtype: 'int32' });
  }
}

class EagerContext implements Context {
  readonly raw: boolean;
  // It is the reference for fused ops, so it uses none.
  readonly kernels = false;

  constructor(
    readonly tf: TF,
    private readonly backend: NodeBackend | null,
    private readonly variables: ReadonlyMap<string, Variable>,
  ) {
    this.raw = backend !== null;
  }

  // These are arrow functions because layers take them out of the context.
  readonly op = (name: string, inputs: Tensor[], attrs: Record<string, Attr>, outputs = 1): Tensor[] => {
    if (!this.backend) throw new Error(`${name} is a TensorFlow op; tfjs's CPU backend has only tf's own`);
    return this.backend.executeMultipleOutputs(name, toAddonAttrs(attrs), inputs, outputs);
  };

  readonly variable = (name: string): Variable => {
    const variable = this.variables.get(name);
    if (!variable) throw new Error(`no variable ${name}`);
    return variable;
  };

  readonly assign = (name: string, value: Tensor): void => {
    this.variable(name).assign(value);
  };

  readonly constant = (values: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32'): Tensor =>
    this.tf.tensor(values, shape, dtype);

  readonly normal = (shape: number[], seed: Tensor): Tensor => {
    if (this.backend) {
      const attrs: Record<string, Attr> = {
        dtype: { kind: 'type', value: 'float32' },
        Tseed: { kind: 'type', value: 'int32' },
        T: { kind: 'type', value: 'int32' },
      };
      return this.op('StatelessRandomNormal', [this.tf.tensor1d(shape, 'int32'), seed], attrs)[0] as Tensor;
    }
    // Eager values are on the host anyway; the two halves of the seed identify the draw.
    const [high, low] = seed.dataSync();
    return this.tf.randomNormal(shape, 0, 1, 'float32', ((high ?? 0) * 1_000_003 + (low ?? 0)) % 2 ** 31);
  };
}
