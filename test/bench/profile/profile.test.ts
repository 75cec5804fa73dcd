/** The profile's command line: its help, and what it says of one that is wrong. Nothing is measured. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { expect, it } from 'vitest';

/** A Python that does not exist, so that no profile is made whatever is installed. */
const NO_PYTHON = '/nowhere/python';

function profile(args: readonly string[], env: Record<string, string> = { PYTHON_WITH_TENSORFLOW: NO_PYTHON }) {
  const { PYTHON_WITH_TENSORFLOW: _, ...without } = process.env;
  return spawnSync(process.execPath, [join(import.meta.dirname, 'profile.mjs'), ...args], {
    ...{ encoding: 'utf8', env: { ...without, ...env } },
  });
}

it('helps, and needs nothing for it', () => {
  const { status, stdout, stderr } = profile(['--help'], {});
  expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
  for (const option of ['--model', '--bandwidth', '--batch', '--threads', '--autocast', '--evaluate', '--shapes'])
    expect(stdout).toContain(option);
});

it.each([
  [['--fast'], "Unknown option '--fast'"],
  [['--model'], "Option '--model <value>' argument missing"],
  [['deit_micro'], "Unexpected argument 'deit_micro'"],
  [['--batch', 'many'], '--batch many is not a whole number above 0.'],
  [['--bandwidth', '0'], '--bandwidth 0 is not a whole number above 0.'],
  [['--threads', '1.5'], '--threads 1.5 is not a whole number above 0.'],
  [['--model', 'deit_macro'], 'There is no model called deit_macro.'],
  [['--model', 'deit_micro', '--bandwidth', '30'], "deit_micro can't take images of 30 px."],
])('says what is wrong with %j, and how it is called', (args, words) => {
  const { status, stdout, stderr } = profile(args);
  expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
  expect(stderr.startsWith(words)).toBe(true);
  expect(stderr).toContain('npm run profile -- [OPTIONS]');
  expect(stderr).not.toMatch(/^\s+at /m);
});

it('names the variable that is missing', () => {
  const { status, stderr } = profile([], {});
  expect(status).toBe(2);
  expect(stderr.split('\n')[0]).toBe('PYTHON_WITH_TENSORFLOW names no Python with tensorflow-cpu==2.21.0.');
});
