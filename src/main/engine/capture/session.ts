/** Runs a captured program in a TensorFlow session. It needs the addon alone, not tfjs. */
import type { Executor, HostArray, PendingRun, StateValues, TensorInfo } from '../types';
import { DTYPE } from '../backend/dtype';
import { outputOf, type GraphSignature } from './graph';
import type { Binding } from '../backend/node-backend';
import type { Session, SessionBinding } from '../backend/session-binding';
import { sessionsOf } from '../backend/sessions';
import { checkInput } from './check-input';
import { stateEntries } from './state-entries';
import { sizeOf } from '../size-of';

/** The facts that running one of our SavedModels needs; they are kept beside the model in the cache. */
export interface SessionManifest {
  signatures: Record<string, GraphSignature>;
  variables: Record<string, TensorInfo>;
}

const BYTES = { float32: 4, int32: 4, uint8: 1, bool: 1 } as const;
/**
 * Variables are written and read in groups, so that copying them costs little memory. A group has at most this many
 * bytes, or this share of all. For each group TensorFlow prunes the whole graph once, which for a large model takes
 * longer than the copying.
 */
const [GROUP_BYTES, GROUP_SHARE] = [16 << 20, 1 / 8];

export class CapturedExecutor implements Executor {
  readonly kind = 'captured';
  private readonly sessions: SessionBinding;
  private readonly session: Session;
  private readonly groupBytes: number;

  constructor(
    binding: Binding,
    /** Folder of saved_model.pb. */
    folder: string,
    private readonly manifest: SessionManifest,
  ) {
    this.sessions = sessionsOf(binding);
    this.session = this.sessions.openSession(folder);
    const all = Object.keys(manifest.variables).reduce((sum, name) => sum + this.bytesOf(name), 0);
    this.groupBytes = Math.max(GROUP_BYTES, GROUP_SHARE * all);
  }

  start(name: string, inputs: Record<string, HostArray>): PendingRun {
    const signature = this.signature(name);
    return this.started(name, signature, inputs, Object.keys(signature.outputs));
  }

  run(name: string, inputs: Record<string, HostArray>): Record<string, Float32Array | Int32Array> {
    return this.start(name, inputs).wait().outputs;
  }

  prepare(name: string): void {
    const { inputs, outputs } = this.signature(name);
    const ends = (of: GraphSignature['inputs']): string[] => Object.values(of).map(({ ref }) => outputOf(ref));
    this.sessions.prepareRun(this.session, ends(inputs), ends(outputs));
  }

  write(values: StateValues): void {
    for (const group of this.groups(stateEntries(values), ([name]) => name)) {
      const names = group.map(([name]) => name);
      this.started('write', this.part('write', names, true), Object.fromEntries(group), names).wait();
    }
  }

  read(names: readonly string[] = Object.keys(this.manifest.variables)): Record<string, Float32Array | Int32Array> {
    const values: Record<string, Float32Array | Int32Array> = {};
    for (const group of this.groups(names, (name) => name))
      Object.assign(values, this.started('read', this.part('read', group, false), {}, group).wait().outputs);
    return values;
  }

  dispose(): void {
    this.sessions.closeSession(this.session);
  }

  private signature(name: string): GraphSignature {
    const signature = this.manifest.signatures[name];
    if (!signature) throw new Error(`no signature ${name}`);
    return signature;
  }

  private bytesOf(name: string): number {
    const info = this.manifest.variables[name];
    if (!info) throw new Error(`no variable ${name}`);
    return BYTES[info.dtype] * sizeOf(info.shape);
  }

  /** Divides variables into groups of at most `groupBytes`. It takes from `items` only as it is asked for groups. */
  private *groups<T>(items: Iterable<T>, nameOf: (item: T) => string): Generator<T[]> {
    let group: T[] = [];
    let bytes = 0;
    for (const item of items) {
      const own = this.bytesOf(nameOf(item));
      if (group.length && bytes + own > this.groupBytes) {
        yield group;
        [group, bytes] = [[], 0];
      }
      group.push(item);
      bytes += own;
    }
    if (group.length) yield group;
  }

  /** Returns the signature `write` or `read` for some of the variables. */
  private part(name: 'write' | 'read', names: readonly string[], withInputs: boolean): GraphSignature {
    const whole = this.manifest.signatures[name] as GraphSignature;
    const pick = <T>(ends: Record<string, T>): Record<string, T> =>
      Object.fromEntries(names.map((key) => [key, ends[key] as T]));
    return { inputs: withInputs ? pick(whole.inputs) : {}, outputs: pick(whole.outputs) };
  }

  private started(
    name: string,
    signature: GraphSignature,
    inputs: Record<string, HostArray>,
    wanted: readonly string[],
  ): PendingRun {
    const { sessions, session } = this;
    for (const key of Object.keys(inputs))
      if (!signature.inputs[key]) throw new Error(`${name}: no input ${key} is declared`);
    const run = sessions.startRun(
      session,
      Object.entries(signature.inputs).map(([key, { ref, shape, dtype }]) => ({
        ref: outputOf(ref),
        dtype: DTYPE[dtype],
        shape,
        values: checkInput(name, key, { shape, dtype } as TensorInfo, inputs[key]),
      })),
      wanted.map((key) => outputOf(signature.outputs[key]?.ref ?? key)),
    );
    return {
      wait: () => {
        const { values, ...times } = sessions.finishRun(session, run);
        const outputs = Object.fromEntries(
          wanted.map((key, index) => [key, values[index] as Float32Array | Int32Array]),
        );
        return { outputs, ...times };
      },
    };
  }
}
