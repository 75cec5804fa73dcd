import { createHash } from 'node:crypto';
import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { probeImage, thumbnailGray, UnusableImage, type ImageFacts } from '../decode/decode';
import { systemReason, type ProblemKind } from './entries';
import { differenceHash, HASH_HEIGHT, HASH_WIDTH } from './perceptual-hash';

export interface Inspected {
  bytes: number;
  mtimeMs: number;
  sha256: string;
  facts: ImageFacts;
  hash: string | null;
}

/** Reads a file to its end and decodes it. @returns what it is, or why it can't be used */
export async function inspectFile(root: string, path: string): Promise<Inspected | { kind: ProblemKind; reason: string }> {
  let content: Buffer;
  let mtimeMs: number;
  try {
    const full = join(root, path);
    mtimeMs = Math.floor((await stat(full)).mtimeMs);
    content = await readFile(full);
  } catch (error) {
    return { kind: 'unreadable', reason: `It can't be read: ${systemReason(error)}.` };
  }
  try {
    const facts = await probeImage(content);
    // Decoding a small version still reads all of the file, so this finds what is cut short.
    const gray = await thumbnailGray(content, HASH_WIDTH, HASH_HEIGHT);
    return {
      bytes: content.length,
      mtimeMs,
      sha256: createHash('sha256').update(content).digest('hex'),
      facts,
      hash: differenceHash(gray),
    };
  } catch (error) {
    if (error instanceof UnusableImage) return { kind: error.kind, reason: error.message };
    throw error;
  }
}
