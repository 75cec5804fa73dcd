/**
 * A pickle machine for the opcodes of weights and of the settings saved with them (Python's pickletools lists all;
 * protocols 2 to 5). It makes numbers, texts, tuples, lists, dictionaries and tensors. It runs no code: globals.ts has
 * the names it knows.
 */
import type { ByteRange } from './byte-range';
import { BadPickle, called, named, storageOf } from './globals';
import { described, isOf, type Storage, type Value } from './values';

/** More opcodes than any checkpoint needs: one of a thousand tensors with its optimizer's takes some ten thousand. */
const MOST_STEPS = 2_000_000;
const LONGEST_TEXT = 16 << 20;
const LONGEST_NAME = 1000;

const NEWEST_PROTOCOL = 5;

class Machine {
  private readonly stack: Value[] = [];
  /** Position of each open mark on the stack. */
  private readonly marks: number[] = [];
  private readonly memo = new Map<number, Value>();
  readonly storages = new Map<string, Storage>();

  constructor(readonly source: ByteRange) {}

  push(value: Value): void {
    this.stack.push(value);
  }

  pop(): Value {
    const value = this.stack.length > (this.marks.at(-1) ?? 0) ? this.stack.pop() : undefined;
    if (value === undefined) throw new BadPickle('It takes a value that is not there.');
    return value;
  }

  top(): Value {
    const value = this.pop();
    this.push(value);
    return value;
  }

  mark(): void {
    this.marks.push(this.stack.length);
  }

  /** Removes and returns all values since the last mark. */
  popMarked(): Value[] {
    const from = this.marks.pop();
    if (from === undefined) throw new BadPickle('It takes values up to a mark that is not there.');
    return this.stack.splice(from);
  }

  remember(index: number): void {
    this.memo.set(index, this.top());
  }

  rememberNext(): void {
    this.remember(this.memo.size);
  }

  recall(index: number): void {
    const value = this.memo.get(index);
    if (value === undefined) throw new BadPickle('It recalls a value that it has not kept.');
    this.push(value);
  }

  tuple(items: Value[]): void {
    this.push({ kind: 'tuple', items });
  }

  text(length: number): string {
    return this.bytes(length).toString('utf8');
  }

  bytes(length: number): Buffer {
    if (length > LONGEST_TEXT) throw new BadPickle(`It holds a text of ${length} bytes.`);
    return Buffer.from(this.source.take(length));
  }

  length8(): number {
    return Number(this.source.take(8).readBigUInt64LE());
  }

  append(items: Value[]): void {
    const target = this.top();
    if (isOf(target, 'list')) for (const item of items) target.items.push(item);
    else if (!isOf(target, 'inert')) throw new BadPickle(`It adds items to ${described(target)}.`);
  }

  set(items: Value[]): void {
    const target = this.top();
    if (items.length % 2) throw new BadPickle('It sets keys without values.');
    if (isOf(target, 'dict'))
      for (let at = 0; at < items.length; at += 2) target.pairs.push([items[at] as Value, items[at + 1] as Value]);
    else if (!isOf(target, 'inert')) throw new BadPickle(`It sets keys of ${described(target)}.`);
  }

  /** Skips an ordered dictionary's attributes, or the content of a Namespace: neither is used. */
  build(): void {
    this.pop();
    const target = this.top();
    if (!isOf(target, 'inert') && !isOf(target, 'dict'))
      throw new BadPickle(`It sets attributes of ${described(target)}.`);
  }

  /** Resolves a persistent id, which is always a storage; every storage has one type and length. */
  storage(): void {
    const storage = storageOf(this.pop());
    const { key, dtype, count } = storage;
    const known = this.storages.get(key) ?? storage;
    if (known.dtype !== dtype || known.count !== count)
      throw new BadPickle(`Its storage ${key} is said to be of two kinds.`);
    this.storages.set(key, storage);
    this.push(storage);
  }

  call(): void {
    const args = this.pop();
    this.push(called(this.pop(), args));
  }

  stackGlobal(): void {
    const [name, module] = [this.pop(), this.pop()];
    if (typeof name !== 'string' || typeof module !== 'string')
      throw new BadPickle('It names something that is no text.');
    this.push(named(`${module}.${name}`));
  }

  /** Reads a whole number of any length, little-endian, in two's complement. */
  long(length: number): void {
    if (length > LONGEST_NAME) throw new BadPickle(`It holds a number of ${length} bytes.`);
    const bytes = this.source.take(length);
    let value = 0n;
    for (let at = length - 1; at >= 0; at--) value = (value << 8n) | BigInt(bytes[at] as number);
    if (length && (bytes[length - 1] as number) & 0x80) value -= 1n << BigInt(8 * length);
    const small = Number(value);
    this.push(Number.isSafeInteger(small) ? small : value);
  }

  result(): Value {
    const value = this.pop();
    if (this.stack.length || this.marks.length) throw new BadPickle('It leaves values over.');
    return value;
  }
}

type Step = (machine: Machine) => void;

const letter = (text: string): number => text.charCodeAt(0);

const STEPS: ReadonlyMap<number, Step> = new Map<number, Step>([
  // Protocol and frames
  [
    0x80,
    ({ source }) => {
      const protocol = source.byte();
      if (protocol > NEWEST_PROTOCOL)
        throw new BadPickle(`It is a pickle of protocol ${protocol}, which is not known.`);
    },
  ],
  [0x95, ({ source }) => void source.take(8)],
  // Constants
  [letter('N'), (machine) => machine.push(null)],
  [0x88, (machine) => machine.push(true)],
  [0x89, (machine) => machine.push(false)],
  // Numbers
  [letter('J'), (machine) => machine.push(machine.source.take(4).readInt32LE())],
  [letter('K'), (machine) => machine.push(machine.source.byte())],
  [letter('M'), (machine) => machine.push(machine.source.take(2).readUInt16LE())],
  [letter('G'), (machine) => machine.push(machine.source.take(8).readDoubleBE())],
  [0x8a, (machine) => machine.long(machine.source.byte())],
  [0x8b, (machine) => machine.long(machine.source.take(4).readUInt32LE())],
  // Texts and bytes
  [letter('X'), (machine) => machine.push(machine.text(machine.source.take(4).readUInt32LE()))],
  [0x8c, (machine) => machine.push(machine.text(machine.source.byte()))],
  [0x8d, (machine) => machine.push(machine.text(machine.length8()))],
  [letter('T'), (machine) => machine.push(machine.text(machine.source.take(4).readUInt32LE()))],
  [letter('U'), (machine) => machine.push(machine.text(machine.source.byte()))],
  [letter('B'), (machine) => machine.push(machine.bytes(machine.source.take(4).readUInt32LE()))],
  [letter('C'), (machine) => machine.push(machine.bytes(machine.source.byte()))],
  [0x8e, (machine) => machine.push(machine.bytes(machine.length8()))],
  // Collections
  [letter('('), (machine) => machine.mark()],
  [letter(')'), (machine) => machine.tuple([])],
  [letter('t'), (machine) => machine.tuple(machine.popMarked())],
  [0x85, (machine) => machine.tuple([machine.pop()])],
  [0x86, (machine) => machine.tuple([machine.pop(), machine.pop()].reverse())],
  [0x87, (machine) => machine.tuple([machine.pop(), machine.pop(), machine.pop()].reverse())],
  [letter(']'), (machine) => machine.push({ kind: 'list', items: [] })],
  [letter('a'), (machine) => machine.append([machine.pop()])],
  [letter('e'), (machine) => machine.append(machine.popMarked())],
  [letter('}'), (machine) => machine.push({ kind: 'dict', pairs: [] })],
  [letter('s'), (machine) => machine.set([machine.pop(), machine.pop()].reverse())],
  [letter('u'), (machine) => machine.set(machine.popMarked())],
  [0x8f, (machine) => machine.push({ kind: 'inert', name: 'a set' })],
  [0x90, (machine) => machine.append(machine.popMarked())],
  [
    0x91,
    (machine) => {
      machine.popMarked();
      machine.push({ kind: 'inert', name: 'a set' });
    },
  ],
  // Memory
  [letter('q'), (machine) => machine.remember(machine.source.byte())],
  [letter('r'), (machine) => machine.remember(machine.source.take(4).readUInt32LE())],
  [0x94, (machine) => machine.rememberNext()],
  [letter('h'), (machine) => machine.recall(machine.source.byte())],
  [letter('j'), (machine) => machine.recall(machine.source.take(4).readUInt32LE())],
  [letter('0'), (machine) => void machine.pop()],
  [letter('1'), (machine) => void machine.popMarked()],
  // Names, and the objects that they create.
  [
    letter('c'),
    (machine) => machine.push(named(`${machine.source.line(LONGEST_NAME)}.${machine.source.line(LONGEST_NAME)}`)),
  ],
  [0x93, (machine) => machine.stackGlobal()],
  [letter('R'), (machine) => machine.call()],
  [0x81, (machine) => machine.call()],
  [letter('b'), (machine) => machine.build()],
  [letter('Q'), (machine) => machine.storage()],
]);

const STOP = letter('.');

export interface Pickled {
  value: Value;
  /** All storages that it refers to, by key. */
  storages: ReadonlyMap<string, Storage>;
}

/** Reads the next pickle of a file and leaves the source after it. @throws BadPickle, EndedTooEarly */
export function readPickle(source: ByteRange): Pickled {
  const machine = new Machine(source);
  for (let steps = 0; steps < MOST_STEPS; steps++) {
    const opcode = source.byte();
    if (opcode === STOP) return { value: machine.result(), storages: machine.storages };
    const step = STEPS.get(opcode);
    if (!step)
      throw new BadPickle(`It has the pickle opcode 0x${opcode.toString(16).padStart(2, '0')}, which no weights need.`);
    step(machine);
  }
  throw new BadPickle(`It has more than ${MOST_STEPS} pickle opcodes.`);
}
