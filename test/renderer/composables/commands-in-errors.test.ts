/**
 * A next step never names a command or a flag in the window, where nobody types them. Such an error has an action,
 * which the window words.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { expect, it } from 'vitest';

const ROOT = join(import.meta.dirname, '../../../src');
const COMMAND_LINE =
  /efficienttrain (serve|runs|resume|show|import|datasets|evaluate|doctor|models|presets|export)|npm run|(^|[\s(`'])--[a-z]/;

/**
 * Sentences of errors that only the command line can cause: a folder to write, a file of fields, a state by its name, a
 * data folder that has to exist.
 */
const NEVER_IN_THE_WINDOW = [
  ...[
    'main/services/inference/reconstruct-files.ts',
    'main/services/runs/configs.ts',
    "main/services/runs/runs.ts: next: 'Correct",
  ],
  ...['main/engine/tasks/index.ts', 'main/engine/inference/features.ts', 'shared/run-config-resolve.ts'],
  "main/store/open.ts: next: 'Start with",
];

const sources = (): string[] =>
  ['shared', 'main/services', 'main/engine', 'main/store'].flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => join(ROOT, folder, file)),
  );

/** Returns the object literal around each `next`, from the field to its closing brace. */
function* nexts(text: string): Generator<string> {
  for (const { index } of text.matchAll(/\bnext:(?! string)/g)) {
    let depth = 0;
    let end = index;
    for (; end < text.length && depth >= 0; end++) depth += text[end] === '{' ? 1 : text[end] === '}' ? -1 : 0;
    yield text.slice(index, end);
  }
}

it('holds for every error of the program', () => {
  const bare = sources().flatMap((file) =>
    [...nexts(readFileSync(file, 'utf8'))]
      .filter((text) => COMMAND_LINE.test(text) && !text.includes('action'))
      .map((text) => `${relative(ROOT, file)}: ${text.slice(0, 120).replaceAll(/\s+/g, ' ')}`),
  );
  expect(bare.filter((found) => !NEVER_IN_THE_WINDOW.some((place) => found.startsWith(place)))).toEqual([]);
});
