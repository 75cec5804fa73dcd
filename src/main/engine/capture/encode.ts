/**
 * Encodes a graph as a SavedModel's protobuf (tensorflow/core/protobuf/saved_model.proto), written with the message
 * classes with which tfjs-node reads SavedModels. It has no variables folder: values are set through the `write`
 * signature.
 */
import { createRequire } from 'node:module';
import { outputOf, type End, type Graph, type GraphAttr, type GraphNode, type Literal } from './graph';
import { DTYPE } from '../backend/dtype';

/** GraphDef version of TensorFlow 2.9; any later library reads it. */
const PRODUCER = 1087;

// The generated messages have no types of their own; this is the part used here.
interface Message {
  serializeBinary: () => Uint8Array;
  getAttrMap: () => { set: (key: string, value: Message) => void };
  getInputsMap: () => { set: (key: string, value: Message) => void };
  getOutputsMap: () => { set: (key: string, value: Message) => void };
  getSignatureDefMap: () => { set: (key: string, value: Message) => void };
  [setter: `set${string}`]: (value: unknown) => void;
}
type MessageClass = new () => Message;
interface Proto {
  AttrValue: MessageClass & { ListValue: MessageClass };
  GraphDef: MessageClass;
  MetaGraphDef: MessageClass & { MetaInfoDef: MessageClass };
  NodeDef: MessageClass;
  SavedModel: MessageClass;
  SignatureDef: MessageClass;
  Tensor: MessageClass;
  TensorInfo: MessageClass;
  TensorShape: MessageClass & { Dim: MessageClass };
  VersionDef: MessageClass;
}

let loaded: Proto | undefined;

function proto(): Proto {
  loaded ??= createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Proto;
  return loaded;
}

function make(type: MessageClass, fields: Record<string, unknown>): Message {
  const message = new type();
  for (const [name, value] of Object.entries(fields)) message[`set${name}`]?.(value);
  return message;
}

function encodeShape(dims: readonly number[]): Message {
  const { TensorShape } = proto();
  return make(TensorShape, { DimList: dims.map((size) => make(TensorShape.Dim, { Size: size })) });
}

function encodeTensor({ shape, dtype, values }: Literal): Message {
  const content = Array.isArray(values)
    ? { StringValList: values.map((text) => new Uint8Array(Buffer.from(text))) }
    : { TensorContent: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
  return make(proto().Tensor, { Dtype: DTYPE[dtype], TensorShape: encodeShape(shape), ...content });
}

function encodeAttr(attr: GraphAttr): Message {
  const { AttrValue } = proto();
  // A bytes field needs bytes, because google-protobuf reads a string there as base64.
  const [field, convert] = ((): [string, (item: unknown) => unknown] => {
    switch (attr.kind) {
      case 'string':
        return ['S', (item) => new Uint8Array(Buffer.from(item as string))];
      case 'int':
        return ['I', (item) => item];
      case 'float':
        return ['F', (item) => item];
      case 'bool':
        return ['B', (item) => item];
      case 'type':
        return ['Type', (item) => DTYPE[item as keyof typeof DTYPE]];
      case 'shape':
        return ['Shape', (item) => encodeShape(item as number[])];
      case 'tensor':
        return ['Tensor', (item) => encodeTensor(item as Literal)];
    }
  })();
  if (Array.isArray(attr.value) && attr.kind !== 'shape') {
    return make(AttrValue, { List: make(AttrValue.ListValue, { [`${field}List`]: attr.value.map(convert) }) });
  }
  return make(AttrValue, { [field]: convert(attr.value) });
}

function encodeNode({ name, op, inputs, attrs }: GraphNode): Message {
  const message = make(proto().NodeDef, { Name: name, Op: op, InputList: inputs });
  for (const [key, attr] of Object.entries(attrs)) message.getAttrMap().set(key, encodeAttr(attr));
  return message;
}

function encodeEnd({ ref, dtype, shape }: End): Message {
  return make(proto().TensorInfo, {
    Name: outputOf(ref),
    Dtype: DTYPE[dtype],
    TensorShape: encodeShape(shape),
  });
}

/** Returns the bytes of saved_model.pb. */
export function encodeSavedModel({ nodes, signatures }: Pick<Graph, 'nodes' | 'signatures'>): Uint8Array {
  const { GraphDef, VersionDef, MetaGraphDef, SignatureDef, SavedModel } = proto();
  const meta = make(MetaGraphDef, {
    MetaInfoDef: make(MetaGraphDef.MetaInfoDef, { TagsList: ['serve'] }),
    GraphDef: make(GraphDef, { Versions: make(VersionDef, { Producer: PRODUCER }), NodeList: nodes.map(encodeNode) }),
  });
  for (const [name, { inputs, outputs }] of Object.entries(signatures)) {
    const signature = make(SignatureDef, { MethodName: 'tensorflow/serving/predict' });
    for (const [key, end] of Object.entries(inputs)) signature.getInputsMap().set(key, encodeEnd(end));
    for (const [key, end] of Object.entries(outputs)) signature.getOutputsMap().set(key, encodeEnd(end));
    meta.getSignatureDefMap().set(name, signature);
  }
  return make(SavedModel, { SavedModelSchemaVersion: 1, MetaGraphsList: [meta] }).serializeBinary();
}
