import type { Variable } from '@tensorflow/tfjs';
import type { Attr, Context, HostArray, Program, Tensor, TensorInfo, TF } from '../types';
import { addNode, type GraphBuilder, type Recorded } from './builder';
import { DTYPE, dtypeName, type GraphDType } from '../backend/dtype';
import type { GraphAttr, Info, Literal } from './graph';
import { traceError } from './guards';
import { ATTR_KINDS, type AddonAttr, type AddonTensor, type Binding, type NodeBackend } from '../backend/node-backend';
import { toAddonAttrs } from '../backend/raw-op';
import { inferShapes } from './shapes';

/**
 * A larger literal is data and has to come in through `constant`, as an input or as a variable. This guards against
 * frozen random draws.
 */
const LARGEST_LITERAL = 1024;
/** Values that shape functions may ask for: axes, sizes, paddings. */
const LARGEST_KNOWN = 64;
/** Ids of symbols begin here; the addon's own count up from 0. */
const FIRST_ID = 1 << 30;

const RANDOM = [
  'randomNormal',
  'randomUniform',
  'randomUniformInt',
  'randomGamma',
  'randomStandardNormal',
  'truncatedNormal',
  'rand',
  'multinomial',
  'dropout',
];
const STATEFUL = /^(Multinomial|Random|TruncatedNormal|ParameterizedTruncatedNormal)/;

/** Context of a trace. Symbols are tfjs tensors whose ids the addon does not know. */
export class TraceContext implements Context {
  readonly tf: TF;
  readonly raw = true;
  readonly recorder: Binding;
  private nextId = FIRST_ID;
  private readonly known = new Map<number, Recorded>();
  private readonly born = new WeakSet<object>();
  private readonly allowed = new WeakSet<object>();
  private readonly variables = new Map<string, Variable>();
  /** Ref of the value that each variable's resource holds; a later value has to be assigned. */
  private readonly stored = new Map<string, string>();
  private readonly lastEffect = new Map<string, string>();
  private readonly effects: string[] = [];

  constructor(
    private readonly plainTf: TF,
    private readonly backend: NodeBackend,
    private readonly builder: GraphBuilder,
    private readonly name: string,
    private readonly declared: Program['variables'],
    readonly kernels: boolean,
  ) {
    this.tf = this.guardedTf();
    this.recorder = this.makeRecorder();
    const { write } = backend;
    backend.write = (values, ...rest) => {
      if (values) this.born.add(values);
      return write.call(backend, values, ...rest);
    };
  }

  // These are arrow functions because layers take them out of the context.
  readonly op = (name: string, inputs: Tensor[], attrs: Record<string, Attr>, outputs = 1): Tensor[] =>
    this.backend.executeMultipleOutputs(name, toAddonAttrs(attrs), inputs, outputs);

  readonly variable = (name: string): Variable => {
    const known = this.variables.get(name);
    if (known) return known;
    const info = this.declared[name];
    if (!info) throw new Error(`captured step "${this.name}": no variable ${name} is declared`);
    const ref = `var/${name}/read`;
    const variable = this.plainTf.tidy(() =>
      this.plainTf.variable(this.symbol(ref, info), true, this.registeredName(name)),
    );
    this.variables.set(name, variable);
    this.stored.set(name, ref);
    return variable;
  };

  readonly assign = (name: string, value: Tensor): void => {
    const { shape } = this.variable(name);
    if (shape.join() !== value.shape.join())
      throw new Error(`${name} is [${shape.join(', ')}], not [${value.shape.join(', ')}]`);
    this.variable(name).assign(value);
  };

  readonly inPlace = (op: string, resources: string[], inputs: Tensor[], attrs: Record<string, Attr>): void => {
    for (const name of resources) {
      if (this.recorded(this.variable(name), name).ref !== this.stored.get(name))
        throw new Error(`${name} was assigned before ${op} changes it in place`);
    }
    const values = inputs.map((tensor) => this.recorded(tensor, op).ref);
    const node = `${this.name}/${this.builder.nodes.length}_${op}`;
    const after = resources.map((name) => this.lastEffect.get(name) ?? `^var/${name}/read`);
    const stored = resources.map((name) => `^${this.stored.get(name) ?? ''}`);
    addNode(
      this.builder,
      op,
      node,
      [...resources.map((name) => `var/${name}`), ...values, ...after, ...stored],
      attrs,
      [],
    );
    this.effects.push(`^${node}`);
    for (const name of resources) this.rereadAfter(name, `^${node}`);
  };

  readonly normal = (shape: number[], seed: Tensor): Tensor => {
    const dims = this.plainTf.tensor1d(shape, 'int32');
    const attrs: Record<string, Attr> = {
      dtype: { kind: 'type', value: 'float32' },
      Tseed: { kind: 'type', value: 'int32' },
      T: { kind: 'type', value: 'int32' },
    };
    return this.op('StatelessRandomNormal', [dims, seed], attrs)[0] as Tensor;
  };

  readonly constant = (values: Float32Array | Int32Array, shape: number[], dtype: 'float32' | 'int32'): Tensor => {
    this.allowed.add(values);
    return this.plainTf.tensor(values, shape, dtype);
  };

  /** Makes a tensor that represents a ref of the graph. */
  symbol(ref: string, info: TensorInfo): Tensor {
    const id = this.remember({ ref, info });
    const dataId = {};
    this.backend.tensorMap.set(dataId, {
      id,
      shape: [...info.shape],
      dtype: DTYPE[info.dtype],
      values: null,
      refCount: 1,
    });
    const dtype = info.dtype === 'uint8' ? 'int32' : info.dtype;
    return this.plainTf.engine().makeTensorFromTensorInfo({ dataId, shape: [...info.shape], dtype });
  }

  /** Returns where a tensor's value comes from. @throws if it was made outside the trace */
  recorded(tensor: Tensor, user: string): Recorded {
    const [id] = this.backend.getInputTensorIds([tensor]);
    return this.source(id as number, user);
  }

  /** Assigns changed variables and returns the control inputs that every result needs. */
  finish(): string[] {
    for (const [name, variable] of this.variables) {
      const { ref, info } = this.recorded(variable, name);
      const stored = this.stored.get(name) as string;
      if (ref === stored) continue;
      const after = [`^${stored}`, this.lastEffect.get(name) ?? `^${stored}`];
      const attrs: Record<string, GraphAttr> = { dtype: { kind: 'type', value: info.dtype } };
      this.effects.push(
        `^${addNode(this.builder, 'AssignVariableOp', `${this.name}/assign/${name}`, [`var/${name}`, ref, ...after], attrs, [])}`,
      );
    }
    return this.effects;
  }

  owns(registered: string): boolean {
    return registered.startsWith(this.registeredName(''));
  }

  dispose(): void {
    for (const variable of this.variables.values()) variable.dispose();
    delete (this.backend as { write?: unknown }).write;
  }

  private registeredName(name: string): string {
    return `trace/${this.name}/${name}`;
  }

  /** Records that the variable's value changes here: later reads in the trace are a new node after `effect`. */
  private rereadAfter(name: string, effect: string): void {
    this.lastEffect.set(name, effect);
    const info = this.declared[name] as TensorInfo;
    const node = `${this.name}/${this.builder.nodes.length}_read/${name}`;
    const ref = addNode(
      this.builder,
      'ReadVariableOp',
      node,
      [`var/${name}`, effect],
      { dtype: { kind: 'type', value: info.dtype } },
      [info],
    );
    this.stored.set(name, ref);
    this.variable(name).assign(this.symbol(ref, info));
  }

  private remember(recorded: Recorded): number {
    const id = this.nextId++;
    this.known.set(id, recorded);
    return id;
  }

  private source(id: number, user: string): Recorded {
    const recorded = this.known.get(id);
    if (!recorded)
      throw traceError(
        this.name,
        `${user} uses a tensor that was made before the trace`,
        'Pass it as an input, a variable or a constant.',
      );
    return recorded;
  }

  private guardedTf(): TF {
    const refuse = (key: string) => ({
      value: () => {
        throw traceError(
          this.name,
          `tf.${key} was called`,
          'It draws on the host, once: use context.normal with a seed input, or draw before the step.',
        );
      },
    });
    return Object.create(this.plainTf, Object.fromEntries(RANDOM.map((key) => [key, refuse(key)]))) as TF;
  }

  private makeRecorder(): Binding {
    // The addon's properties are neither enumerable nor writable, but an object that inherits from it can shadow them.
    return Object.create(this.backend.binding, {
      executeOp: { value: (op: string, attrs: AddonAttr[], ids: number[]) => this.record(op, attrs, ids) },
      createTensor: {
        value: (shape: number[], dtype: number, values: HostArray) => this.literal(shape, dtypeName(dtype), values),
      },
      deleteTensor: { value: (id: number) => this.known.delete(id) },
      tensorDataSync: {
        value: () => {
          throw traceError(
            this.name,
            'a tensor was read on the host (dataSync, data, array, print)',
            'Return it as a result instead.',
          );
        },
      },
    }) as Binding;
  }

  private record(op: string, attrs: AddonAttr[], ids: number[]): AddonTensor[] {
    if (STATEFUL.test(op))
      throw traceError(this.name, `${op} draws its own random numbers`, 'Use a stateless op seeded by an input.');
    const sources = ids.map((id) => this.source(id, op));
    const recorded = Object.fromEntries(attrs.map((attr) => [attr.name, fromAddonAttr(attr)]));
    // tfjs calls a uint8 tensor int32. Eager ops accept it, graphs do not.
    if (op === 'Cast') recorded['SrcT'] = { kind: 'type', value: (sources[0] as Recorded).info.dtype };
    const values = (index: number): number[] => {
      const literal = sources[index]?.literal;
      if (!literal) throw new Error(`${op}: input ${index} has to be a constant`);
      return Array.from(literal.values as Int32Array);
    };
    const outputs = inferShapes({ op, inputs: sources.map(({ info }) => info), attrs: recorded, values });
    const node = addNode(
      this.builder,
      op,
      `${this.name}/${this.builder.nodes.length}_${op}`,
      sources.map(({ ref }) => ref),
      recorded,
      outputs,
    );
    return outputs.map((info, index) => ({
      id: this.remember({ ref: index ? `${node}:${index}` : node, info }),
      shape: [...info.shape],
      dtype: DTYPE[info.dtype],
    }));
  }

  private literal(shape: number[], dtype: GraphDType, values: HostArray): number {
    if (!this.born.has(values))
      throw traceError(
        this.name,
        'a constant was made before the trace',
        'Pass it as an input, or make it inside the step.',
      );
    const info: Info = { shape: [...shape], dtype };
    const literal = { ...info, values } as Literal;
    if (values.length > LARGEST_LITERAL && !this.allowed.has(values) && !values.every((value) => value === values[0])) {
      throw traceError(
        this.name,
        `a literal of shape [${shape.join(', ')}] would be frozen into the graph`,
        'If it is meant, make it with context.constant; if it is data, declare it as an input.',
      );
    }
    const ref = this.builder.constant(`${this.name}/${this.builder.nodes.length}_Const`, literal);
    return this.remember({ ref, info, ...(values.length <= LARGEST_KNOWN ? { literal } : {}) });
  }
}

function fromAddonAttr({ type, value }: AddonAttr): GraphAttr {
  // A helper of tfjs-node gives a bool attribute the number of its data type; the value shows what it is.
  if (typeof value === 'boolean') return { kind: 'bool', value };
  const kind = ATTR_KINDS[type];
  if (!kind) throw new Error(`attribute kind ${type} is not handled by capture`);
  if (kind === 'type')
    return {
      kind,
      value: Array.isArray(value) ? value.map((item) => dtypeName(item as number)) : dtypeName(value as number),
    };
  return { kind, value } as GraphAttr;
}
