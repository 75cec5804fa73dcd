import type { GraphAttr, GraphNode, Info, Literal } from './graph';

/** A tensor of the trace: where its value comes from, and what it is. */
export interface Recorded {
  ref: string;
  info: Info;
  /** The value, where it is a small constant: shape functions need axes and sizes. */
  literal?: Literal;
}

/** Constants of at most this many elements are shared between all ops that use them. */
const SHARED_ELEMENTS = 64;

export class GraphBuilder {
  nodes: GraphNode[] = [];
  private shared = new Map<string, { name: string; at: number }>();

  /** Removes the nodes from `length` on, which a failed trace has left. */
  truncate(length: number): void {
    this.nodes.length = length;
    for (const [key, { at }] of this.shared) if (at >= length) this.shared.delete(key);
  }

  /** Adds a Const node; uniform values become a Fill, which keeps file and memory small (tf.ones in gradients). */
  constant(name: string, literal: Literal, control: string[] = []): string {
    const { shape, dtype, values } = literal;
    const T = { kind: 'type', value: dtype } as const;
    if (!Array.isArray(values) && values.length > 16 && values.every((value) => value === values[0])) {
      const dims = this.constant(`${name}/dims`, {
        shape: [shape.length],
        dtype: 'int32',
        values: Int32Array.from(shape),
      });
      const value = this.constant(`${name}/value`, { shape: [], dtype, values: values.slice(0, 1) });
      return addNode(
        this,
        'Fill',
        name,
        [dims, value, ...control],
        { T, index_type: { kind: 'type', value: 'int32' } },
        [{ shape, dtype }],
      );
    }
    const copy: Literal = { shape, dtype, values: values.slice() as Literal['values'] };
    const node = (): string =>
      addNode(this, 'Const', name, control, { dtype: T, value: { kind: 'tensor', value: copy } }, [{ shape, dtype }]);
    if (control.length || values.length > SHARED_ELEMENTS) return node();
    const key = `${dtype} ${shape.join(',')} ${Array.from(values as ArrayLike<unknown>, (value) => (Object.is(value, -0) ? '-0' : String(value))).join(',')}`;
    const known = this.shared.get(key);
    if (known) return known.name;
    const made = node();
    this.shared.set(key, { name: made, at: this.nodes.length - 1 });
    return made;
  }
}

export function addNode(
  builder: GraphBuilder,
  op: string,
  name: string,
  inputs: string[],
  attrs: Record<string, GraphAttr>,
  outputs: Info[],
): string {
  const data = inputs.filter((input) => !input.startsWith('^'));
  const control = inputs.filter((input) => input.startsWith('^'));
  builder.nodes.push({ name, op, inputs: [...data, ...new Set(control)], attrs, outputs });
  return name;
}
