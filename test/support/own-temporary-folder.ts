/**
 * Runs before each file of tests: gives the file and the processes that it starts a temporary folder of their own,
 * which is removed after its last test.
 */
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

const folder = mkdtempSync(join(tmpdir(), 'efficienttrain-test-'));
// The mode is the system folder's, because tests also start processes of another user.
chmodSync(folder, 0o1777);
process.env['TMPDIR'] = folder;

afterAll(() => {
  // A process that was asked to end may still write its last lines.
  rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
});
