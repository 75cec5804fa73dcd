/** Reads the lines of a text file of any size, strictly decoded, a block at a time. */
import { closeSync, openSync, readSync } from 'node:fs';
import type { Encoding } from './encoding';
import { notUtf8 } from './likely-encoding';
import { refusal } from './refuse';

const CHUNK = 1 << 20;

/** A longer line is no row of a table. */
export const LONGEST_LINE = 1 << 24;

export interface LineBlock {
  /** Number of the first line, counted from 1. */
  first: number;
  /** Lines without their ends; null: longer than LONGEST_LINE. */
  lines: (string | null)[];
}

/**
 * Yields blocks of lines, which end in LF, CR LF or CR. @throws AppError bad_dataset where the bytes are not of the
 * encoding
 */
export function* lineBlocks(source: string, encoding: Encoding): Generator<LineBlock> {
  let first = 1;
  let partial = new PartialLine();
  for (const text of decodedChunks(source, encoding, () => first)) {
    const parts = text.split(/\r\n|\n|\r/);
    partial.add(parts[0] as string);
    if (parts.length === 1) continue;
    const lines = [partial.line(), ...parts.slice(1, -1)];
    partial = new PartialLine();
    partial.add(parts.at(-1) as string);
    yield { first, lines };
    first += lines.length;
  }
  if (!partial.empty) yield { first, lines: [partial.line()] };
}

/** The line that the end of a chunk cuts in two. */
class PartialLine {
  private parts: string[] = [];
  private length = 0;

  add(text: string): void {
    this.length += text.length;
    if (this.length <= LONGEST_LINE) this.parts.push(text);
  }

  get empty(): boolean {
    return this.length === 0;
  }

  line(): string | null {
    return this.length > LONGEST_LINE ? null : this.parts.join('');
  }
}

/** Yields the text in pieces; none ends between CR and LF. */
function* decodedChunks(source: string, { name }: Encoding, line: () => number): Generator<string> {
  const decoder = new TextDecoder(name, { fatal: true });
  const handle = openSync(source, 'r');
  const chunk = Buffer.alloc(CHUNK);
  try {
    let held = '';
    for (let size = 1; size > 0;) {
      size = readSync(handle, chunk, 0, CHUNK, null);
      const text = held + decode(decoder, chunk.subarray(0, size), size > 0, source, line());
      held = size > 0 && text.endsWith('\r') ? '\r' : '';
      yield held ? text.slice(0, -1) : text;
    }
  } finally {
    closeSync(handle);
  }
}

function decode(
  decoder: InstanceType<typeof TextDecoder>,
  bytes: Buffer,
  stream: boolean,
  source: string,
  line: number,
): string {
  try {
    return decoder.decode(bytes, { stream });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ERR_ENCODING_INVALID_ENCODED_DATA') throw error;
    if (decoder.encoding === 'utf-8') throw notUtf8(source);
    throw refusal(
      source,
      `Its bytes are not ${decoder.encoding} throughout; the first that are not come after line ${line}.`,
      'Give another encoding with --encoding, or save the table as UTF-8.',
      { id: 'table_encoding' },
    );
  }
}
