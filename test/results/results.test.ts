/** The command line of the results: its help, and what it says of one that is wrong. Nothing is measured. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

const results = (...args: string[]) =>
  spawnSync(process.execPath, [join(import.meta.dirname, 'results.mjs'), ...args], { encoding: 'utf8' });

it('helps', () => {
  const { status, stdout, stderr } = results('--help');
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  expect(stdout).toContain('--epochs-scale F');
});

it.each([
  [['--fast'], "Unknown option '--fast'"],
  [['--seeds', 'many'], '--seeds many is no number above 0.'],
  [['zoos'], 'There is no study zoos; there are presets, '],
])('says what is wrong with %j, and how it is called', (args, words) => {
  const { status, stderr } = results(...args);
  expect(status).toBe(2);
  expect(stderr.startsWith(words), stderr).toBe(true);
  expect(stderr).toContain('npm run results -- [STUDY ...] [OPTIONS]');
  expect(stderr).not.toMatch(/^\s+at /m);
});
