/**
 * Records a program's signatures as a graph, "tf.function for tfjs-node". tfjs's kernels run against a shadow of the
 * addon that executes nothing: it records a node per op and infers shapes, so a trace takes milliseconds and no tensor
 * memory. A host read, a JS random number, a clock or a tensor from outside would silently be frozen into the graph:
 * each throws and names its place.
 */
import type { DType, Program, Signature, Tensor, TF } from '../types';
import { addNode, GraphBuilder, type Recorded } from './builder';
import { TraceContext } from './trace-context';
import { guardHost } from './guards';
import type { Graph, GraphAttr, GraphSignature } from './graph';
import type { NodeBackend } from '../backend/node-backend';

export interface TraceOptions {
  /**
   * Whether the graph may contain our own ops (backend/kernels.ts). A graph that leaves this machine contains none.
   * Default false.
   */
  kernels?: boolean;
}

/** Traces a program. @throws whatever a body throws, after removing everything that it recorded */
export function traceProgram(program: Program, tf: TF, backend: NodeBackend, options: TraceOptions = {}): Graph {
  const builder = new GraphBuilder();
  const signatures: Record<string, GraphSignature> = {};
  declareVariables(builder, program.variables, signatures);
  for (const [name, signature] of Object.entries(program.signatures)) {
    if (name in signatures) throw new Error(`a signature may not be called ${name}`);
    signatures[name] = traceSignature(builder, program, name, signature, tf, backend, options);
  }
  return { nodes: builder.nodes, signatures, variables: program.variables };
}

/** Declares a VarHandleOp and a read for each variable; `read` fetches any of them, `write` sets all. */
function declareVariables(
  builder: GraphBuilder,
  variables: Program['variables'],
  signatures: Record<string, GraphSignature>,
): void {
  const write: GraphSignature = { inputs: {}, outputs: {} };
  const read: GraphSignature = { inputs: {}, outputs: {} };
  for (const [name, { shape, dtype }] of Object.entries(variables)) {
    const info = { shape, dtype };
    const T = { kind: 'type', value: dtype } as const;
    const dims: GraphAttr = { kind: 'shape', value: [...shape] };
    const handle = addNode(
      builder,
      'VarHandleOp',
      `var/${name}`,
      [],
      { dtype: T, shape: dims, shared_name: { kind: 'string', value: name } },
      [{ shape: [], dtype: 'resource' }],
    );
    read.outputs[name] = {
      ref: addNode(builder, 'ReadVariableOp', `var/${name}/read`, [handle], { dtype: T }, [info]),
      ...info,
    };
    const value = addNode(builder, 'Placeholder', `write/${name}`, [], { dtype: T, shape: dims }, [info]);
    // Without the copy the variable could keep JavaScript's own memory and release it from a TensorFlow thread.
    const copy = addNode(builder, 'DeepCopy', `write/${name}/copy`, [value], { T }, [info]);
    const assigned = addNode(builder, 'AssignVariableOp', `write/${name}/assign`, [handle, copy], { dtype: T }, []);
    // A session runs only what a fetched tensor needs, so each assignment needs a tensor of its own.
    write.inputs[name] = { ref: value, ...info };
    write.outputs[name] = {
      ref: builder.constant(`write/${name}/done`, { shape: [], dtype: 'int32', values: Int32Array.of(1) }, [
        `^${assigned}`,
      ]),
      shape: [],
      dtype: 'int32',
    };
  }
  Object.assign(signatures, { write, read });
}

function traceSignature(
  builder: GraphBuilder,
  program: Program,
  name: string,
  signature: Signature,
  tf: TF,
  backend: NodeBackend,
  { kernels = false }: TraceOptions,
): GraphSignature {
  const start = builder.nodes.length;
  const recorded: GraphSignature = { inputs: {}, outputs: {} };
  const registered = new Set(Object.keys(tf.engine().registeredVariables));
  const context = new TraceContext(tf, backend, builder, name, program.variables, kernels);
  const restore = guardHost(name, backend, context.recorder);
  try {
    tf.tidy(() => {
      const inputs: Record<string, Tensor> = {};
      for (const [key, info] of Object.entries(signature.inputs)) {
        const ref = addNode(
          builder,
          'Placeholder',
          `${name}/${key}`,
          [],
          { dtype: { kind: 'type', value: info.dtype }, shape: { kind: 'shape', value: [...info.shape] } },
          [info],
        );
        inputs[key] = context.symbol(ref, info);
        recorded.inputs[key] = { ref, ...info };
      }
      const results = signature.body(context, inputs);
      refuseNewVariables(name, tf, (key) => registered.has(key) || context.owns(key));
      finish(builder, name, context, results, recorded);
    });
  } catch (error) {
    builder.truncate(start);
    throw error;
  } finally {
    context.dispose();
    restore();
  }
  return recorded;
}

function refuseNewVariables(name: string, tf: TF, known: (key: string) => boolean): void {
  const { registeredVariables } = tf.engine();
  const created = Object.keys(registeredVariables).filter((key) => !known(key));
  for (const key of created) registeredVariables[key]?.dispose();
  if (created.length) throw new Error(`${name} creates variables (${created.join(', ')}): declare them in the program`);
}

/** Assigns changed variables, and makes every result depend on every effect. */
function finish(
  builder: GraphBuilder,
  name: string,
  context: TraceContext,
  results: Record<string, Tensor>,
  recorded: GraphSignature,
): void {
  const effects = context.finish();
  for (const [key, tensor] of Object.entries(results)) {
    const { ref, info }: Recorded = context.recorded(tensor, `the result ${key}`);
    const out = addNode(
      builder,
      'Identity',
      `${name}/out/${key}`,
      [ref, ...effects],
      { T: { kind: 'type', value: info.dtype } },
      [info],
    );
    recorded.outputs[key] = { ref: out, shape: info.shape, dtype: info.dtype as DType };
  }
}
