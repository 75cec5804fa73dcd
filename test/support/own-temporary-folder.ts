/**
 * Runs before each file of tests: what the file and the processes that it starts put into the system's temporary folder
 * lies in a folder of the file's own, which is removed after its last test.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-test-'));
// As the system's: tests also start processes of another user.
chmodSync(folder, 0o1777);
process.env['TMPDIR'] = folder;

afterAll(() => {
  // A process that was told to end may still write its last lines.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});
