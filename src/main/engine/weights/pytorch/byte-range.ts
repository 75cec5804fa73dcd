import { readSync } from 'node:fs';

/** Thrown where the file has fewer bytes than were asked for. */
export class EndedTooEarly extends Error {}

const CHUNK = 64 << 10;

/**
 * Reads a part of an open file from its beginning to its end, in chunks, so that memory does not grow with the part's
 * length.
 */
export class ByteRange {
  private chunk: Buffer = Buffer.alloc(0);
  private chunkStart: number;

  /** @param handle an open file @param position first byte @param end after the last byte */
  constructor(
    private readonly handle: number,
    public position: number,
    private readonly end: number,
  ) {
    this.chunkStart = position;
  }

  /** Returns the next bytes. @throws EndedTooEarly */
  take(length: number): Buffer {
    if (this.position + length > this.end) throw new EndedTooEarly();
    const from = this.position - this.chunkStart;
    this.position += length;
    if (from >= 0 && from + length <= this.chunk.length) return this.chunk.subarray(from, from + length);
    const first = this.position - length;
    if (length > CHUNK) return readAt(this.handle, first, length);
    this.chunkStart = first;
    this.chunk = readAt(this.handle, first, Math.min(CHUNK, this.end - first));
    return this.chunk.subarray(0, length);
  }

  /** Skips bytes. @throws EndedTooEarly */
  skip(length: number): void {
    if (this.position + length > this.end) throw new EndedTooEarly();
    this.position += length;
  }

  byte(): number {
    return this.take(1)[0] as number;
  }

  /** Returns the text up to the end of the line, without it. @throws EndedTooEarly where it is longer than `longest` */
  line(longest: number): string {
    const bytes: number[] = [];
    for (let byte = this.byte(); byte !== 10; byte = this.byte()) {
      bytes.push(byte);
      if (bytes.length > longest) throw new EndedTooEarly();
    }
    return Buffer.from(bytes).toString('utf8');
  }
}

/** Reads bytes at a position. @throws EndedTooEarly */
export function readAt(handle: number, position: number, length: number): Buffer {
  const buffer = Buffer.alloc(length);
  for (let done = 0; done < length;) {
    const read = readSync(handle, buffer, done, length - done, position + done);
    if (!read) throw new EndedTooEarly();
    done += read;
  }
  return buffer;
}
