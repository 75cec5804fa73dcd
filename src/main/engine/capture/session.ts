/** A captured program in a TensorFlow session. Runs on the addon alone: no tfjs. */
import type { Executor, HostArray, StateValues, TensorInfo } from '../types';
import { DTYPE } from '../backend/dtype';
import type { GraphSignature } from './graph';
import type { Binding } from '../backend/node-backend';
import { checkInput } from './check-input';
import { stateEntries } from './state-entries';
import { sizeOf } from '../size-of';

/** What is needed to run a SavedModel of ours: kept beside it in the cache. */
export interface SessionManifest {
  signatures: Record<string, GraphSignature>;
  variables: Record<string, TensorInfo>;
}

const BYTES = { float32: 4, int32: 4, uint8: 1, bool: 1 } as const;
/** Variables are written and read in groups of at most this many bytes, so that copying them costs little memory. */
const GROUP_BYTES = 16 << 20;

const refs = (list: readonly string[]): string => list.map((ref) => (ref.includes(':') ? ref : `${ref}:0`)).join(',');

export class CapturedExecutor implements Executor {
  readonly kind = 'captured';
  private readonly session: number;

  constructor(
    private readonly binding: Binding,
    /** Folder of saved_model.pb. */
    folder: string,
    private readonly manifest: SessionManifest,
  ) {
    this.session = binding.loadSavedModel(folder, 'serve');
  }

  run(name: string, inputs: Record<string, HostArray>): Record<string, Float32Array | Int32Array> {
    const signature = this.signature(name);
    return this.fetch(name, signature, inputs, Object.keys(signature.outputs));
  }

  /** A run whose inputs are all empty bools asks for it: backend/native/session_runs.h. */
  prepare(name: string): void {
    const { binding } = this;
    const signature = this.signature(name);
    const ends = Object.values(signature.inputs);
    const ids = ends.map(() => binding.createTensor([0], DTYPE.bool, new Uint8Array(0)));
    const outputs = binding.runSavedModel(
      this.session,
      ids,
      refs(ends.map(({ ref }) => ref)),
      refs(Object.values(signature.outputs).map(({ ref }) => ref)),
    );
    for (const id of [...ids, ...outputs.map((output) => output.id)]) binding.deleteTensor(id as number);
  }

  write(values: StateValues): void {
    let group: Record<string, HostArray> = {};
    let bytes = 0;
    const flush = (): void => {
      const names = Object.keys(group);
      if (names.length) this.fetch('write', this.part('write', names, true), group, names);
      [group, bytes] = [{}, 0];
    };
    for (const [name, array] of stateEntries(values)) {
      if (bytes + this.bytesOf(name) > GROUP_BYTES) flush();
      group[name] = array;
      bytes += this.bytesOf(name);
    }
    flush();
  }

  read(names: readonly string[] = Object.keys(this.manifest.variables)): Record<string, Float32Array | Int32Array> {
    return Object.assign(
      {},
      ...this.groups(names).map((group) => this.fetch('read', this.part('read', group, false), {}, group)),
    ) as Record<string, Float32Array>;
  }

  dispose(): void {
    this.binding.deleteSavedModel(this.session);
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

  private groups(names: readonly string[]): string[][] {
    const groups: string[][] = [];
    let bytes = Infinity;
    for (const name of names) {
      const own = this.bytesOf(name);
      if (bytes + own > GROUP_BYTES) {
        groups.push([]);
        bytes = 0;
      }
      groups.at(-1)?.push(name);
      bytes += own;
    }
    return groups;
  }

  /** The signature `write` or `read` for some of the variables. */
  private part(name: 'write' | 'read', names: readonly string[], withInputs: boolean): GraphSignature {
    const whole = this.manifest.signatures[name] as GraphSignature;
    const pick = <T>(ends: Record<string, T>): Record<string, T> => Object.fromEntries(names.map((key) => [key, ends[key] as T]));
    return { inputs: withInputs ? pick(whole.inputs) : {}, outputs: pick(whole.outputs) };
  }

  private fetch(
    name: string,
    signature: GraphSignature,
    inputs: Record<string, HostArray>,
    wanted: readonly string[],
  ): Record<string, Float32Array | Int32Array> {
    const { binding } = this;
    for (const key of Object.keys(inputs)) if (!signature.inputs[key]) throw new Error(`${name}: no input ${key} is declared`);
    const ends = Object.entries(signature.inputs);
    const ids: number[] = [];
    try {
      for (const [key, end] of ends) {
        const values = checkInput(name, key, end as TensorInfo, inputs[key]);
        ids.push(binding.createTensor(end.shape, DTYPE[end.dtype], values));
      }
      const outputs = binding.runSavedModel(
        this.session,
        ids,
        refs(ends.map(([, { ref }]) => ref)),
        refs(wanted.map((key) => signature.outputs[key]?.ref ?? key)),
      );
      return Object.fromEntries(
        wanted.map((key, index) => {
          const { id } = outputs[index] as { id: number };
          const data = binding.tensorDataSync(id);
          binding.deleteTensor(id);
          return [key, data as Float32Array | Int32Array];
        }),
      );
    } finally {
      for (const id of ids) binding.deleteTensor(id);
    }
  }
}
