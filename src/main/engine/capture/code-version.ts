import { createHash } from 'node:crypto';

/** The sources that decide what is recorded for a key: a changed layer must not find the graph of the old one. */
const sources = import.meta.glob<string>('../{capture,layers,models,optim,tasks,curriculum}/**/*.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
/** How recorded types and attributes are passed to TensorFlow. */
const addon = import.meta.glob<string>('../backend/{dtype,node-backend,raw-op}.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});
const shared = import.meta.glob<string>('../../../shared/curriculum/low-frequency.ts', {
  query: '?raw',
  import: 'default',
  eager: true,
});

let version: string | undefined;

export function codeVersion(): string {
  version ??= createHash('sha256')
    .update(JSON.stringify(Object.entries({ ...sources, ...addon, ...shared }).sort(([a], [b]) => (a < b ? -1 : 1))))
    .digest('hex');
  return version;
}
