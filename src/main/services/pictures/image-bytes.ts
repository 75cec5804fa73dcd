import { open } from 'node:fs/promises';
import { HEAD_BYTES, refusedByHead } from '../../engine/data/decode/decode';

/**
 * Reads an image file to its end, unless its first bytes or its size say that it is none. @throws UnusableImage, and the
 * system's error
 */
export async function imageBytes(path: string): Promise<Buffer> {
  const file = await open(path);
  try {
    const { size } = await file.stat();
    const { buffer, bytesRead } = await file.read(Buffer.alloc(HEAD_BYTES), 0, HEAD_BYTES, 0);
    const refused = size > HEAD_BYTES ? refusedByHead(buffer.subarray(0, bytesRead), size) : null;
    if (refused) throw refused;
    return await file.readFile();
  } finally {
    await file.close();
  }
}
