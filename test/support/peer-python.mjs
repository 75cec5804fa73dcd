/**
 * Finds a Python with the peers: PYTHON_WITH_TORCH, or a virtual environment of pinned versions that is made once in
 * the user's cache.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';

const PACKAGES = ['torch==2.13.0', 'timm==1.0.31', 'transformers==5.24.0', 'numpy', 'pillow==11.*', 'safetensors'];

function run(command, args) {
  const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 28 });
  if (status !== 0)
    throw new Error(
      `${command} ${args.slice(0, 4).join(' ')} failed: ${error?.message ?? ''}${stdout.slice(-2000)}${stderr.slice(-2000)}`,
    );
}

/** @returns path of the interpreter */
export function peerPython() {
  if (process.env.PYTHON_WITH_TORCH) return process.env.PYTHON_WITH_TORCH;
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  const venv = join(cache, 'efficienttrain-studio', 'peer-torch-2.13.0');
  const interpreter = join(venv, 'bin', 'python');
  const ready = join(venv, 'ready');
  const wanted = PACKAGES.join('\n');
  if (!existsSync(ready) || readFileSync(ready, 'utf8') !== wanted) {
    console.error('making a virtual environment with torch 2.13.0, timm and transformers');
    run('python3', ['-m', 'venv', '--clear', venv]);
    run(interpreter, ['-m', 'pip', 'install', '--quiet', ...PACKAGES]);
    writeFileSync(ready, wanted);
  }
  return interpreter;
}
