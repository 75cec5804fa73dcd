import { writeFileSync } from 'node:fs';
import { AppError } from '../../../shared/errors';
import { isDiskFull } from '../../base/disk-full';

/** Writes and syncs a file of an export. @throws AppError disk_full */
export function writeExportFile(path: string, content: string | Uint8Array): void {
  try {
    writeFileSync(path, content, { flush: true });
  } catch (cause) {
    if (!isDiskFull(cause)) throw cause;
    throw new AppError(
      {
        code: 'disk_full',
        what: `${path} could not be written.`,
        why: 'The disk is full.',
        next: 'Free some space, or export to another disk.',
      },
      { cause },
    );
  }
}

export const asJson = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;
