import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';

const load = createRequire(import.meta.url);

function versionOf(name: string): string {
  return (JSON.parse(readFileSync(load.resolve(`${name}/package.json`), 'utf8')) as { version: string }).version;
}

let versions: string[] | undefined;

/** Returns the versions of the packages whose code decides which nodes a trace records, without loading them. */
export function traceVersions(): readonly string[] {
  versions ??= ['@tensorflow/tfjs', '@tensorflow/tfjs-node-gpu'].map(versionOf);
  return versions;
}
