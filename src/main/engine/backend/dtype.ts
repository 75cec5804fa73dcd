/** TensorFlow's DataType numbers (types.proto) of the dtypes in our graphs. */
export const DTYPE = {
  float32: 1,
  int32: 3,
  uint8: 4,
  string: 7,
  int64: 9,
  bool: 10,
  bfloat16: 14,
  resource: 20,
} as const;
export type GraphDType = keyof typeof DTYPE;

const NAMES = new Map<number, GraphDType>(Object.entries(DTYPE).map(([name, number]) => [number, name as GraphDType]));

export function dtypeName(number: number): GraphDType {
  const name = NAMES.get(number);
  if (!name) throw new Error(`TensorFlow dtype ${number} is not handled by capture`);
  return name;
}
