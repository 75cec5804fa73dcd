/**
 * Remembers the files that a table has named, with their labels, so that the first naming can be cited at a second one.
 * It stores hashes, 16 bytes a file.
 */
import { createHash } from 'node:crypto';

export interface Named {
  line: number;
  className: string;
}

export class FirstNamed {
  private readonly classes: string[] = [];
  private readonly classIds = new Map<string, number>();
  /** Hash table with open addressing over rows of four: two halves of the hash, the line, the class. */
  private slots = new Uint32Array(4 * 1024);
  private count = 0;

  /** Adds a naming; returns the earlier one, or null where this is the first. */
  add(key: string, { line, className }: Named): Named | null {
    const hash = createHash('sha1').update(key).digest();
    const [high, low] = [hash.readUInt32LE(0), hash.readUInt32LE(4)];
    const at = place(this.slots, high, low);
    if (this.slots[at + 2] !== 0)
      return { line: this.slots[at + 2] as number, className: this.classes[this.slots[at + 3] as number] as string };
    this.slots.set([high, low, line, this.classId(className)], at);
    if (++this.count * 8 > this.slots.length) this.grow();
    return null;
  }

  private classId(className: string): number {
    const known = this.classIds.get(className);
    if (known !== undefined) return known;
    this.classIds.set(className, this.classes.length);
    return this.classes.push(className) - 1;
  }

  private grow(): void {
    const larger = new Uint32Array(this.slots.length * 2);
    for (let at = 0; at < this.slots.length; at += 4) {
      if (this.slots[at + 2] === 0) continue;
      const row = this.slots.subarray(at, at + 4);
      larger.set(row, place(larger, row[0] as number, row[1] as number));
    }
    this.slots = larger;
  }
}

/** Returns where the row of this hash is, or would be. Lines count from 1, so a line of 0 marks a free place. */
function place(slots: Uint32Array, high: number, low: number): number {
  const rows = slots.length / 4;
  for (let row = low % rows; ; row = (row + 1) % rows) {
    const at = 4 * row;
    if (slots[at + 2] === 0 || (slots[at] === high && slots[at + 1] === low)) return at;
  }
}
