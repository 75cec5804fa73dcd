/** The parts of tfjs-node's backend and addon that capture works on. The package's own types hide some of them. */
import type { HostArray } from '../types';
import type { SessionBinding } from './session-binding';

export interface AddonAttr {
  name: string;
  type: number;
  value: unknown;
}

export interface AddonTensor {
  id: number;
  shape: number[];
  dtype: number;
}

/** The N-API addon. Its sessions are ours and missing in tfjs-node's own download. */
export interface Binding extends Partial<SessionBinding> {
  createTensor: (shape: readonly number[], dtype: number, values: HostArray | string[] | Uint8Array[]) => number;
  deleteTensor: (id: number) => void;
  tensorDataSync: (id: number) => HostArray;
  executeOp: (op: string, attrs: AddonAttr[], ids: number[], outputs: number) => AddonTensor[];
  loadSavedModel: (folder: string, tags: string) => number;
  deleteSavedModel: (id: number) => void;
  runSavedModel: (id: number, ids: number[], inputs: string, outputs: string) => AddonTensor[];
  getNumOfTensors: () => number;
  getNumOfSavedModels: () => number;
  isUsingGpuDevice: () => boolean;
  readonly TF_Version: string;
}

export interface TensorRecord {
  id: number;
  shape: number[];
  dtype: number;
  values: HostArray | null;
  refCount: number;
}

export interface NodeBackend {
  binding: Binding;
  tensorMap: {
    get: (dataId: object) => TensorRecord;
    set: (dataId: object, record: TensorRecord) => void;
    has: (dataId: object) => boolean;
  };
  write: (values: HostArray, shape: number[], dtype: string) => object;
  getInputTensorIds: (tensors: { dataId: object }[]) => number[];
  executeMultipleOutputs: (op: string, attrs: AddonAttr[], inputs: unknown[], outputs: number) => never[];
}

/** The types are in the order of TensorFlow's TF_AttrType, which is also how the addon numbers them. */
export const ATTR_KINDS = ['string', 'int', 'float', 'bool', 'type', 'shape'] as const;
