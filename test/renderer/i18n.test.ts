import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { COMMAND_IDS } from '../../src/shared/commands';
import { CALLS } from '../../src/shared/contract';

type Messages = Record<string, string>;

const english = import.meta.glob<{ default: Messages }>('../../src/renderer/i18n/en/*.ts', { eager: true });
const chinese = import.meta.glob<{ default: Messages }>('../../src/renderer/i18n/zh/*.ts', { eager: true });
const camel = (file: string): string =>
  file.replace(/^.*\/(.*)\.ts$/, '$1').replace(/-(\w)/g, (_, letter: string) => letter.toUpperCase());
const collect = (files: typeof english): Map<string, string> =>
  new Map(
    Object.entries(files).flatMap(([file, { default: messages }]) =>
      Object.entries(messages).map(([key, text]): [string, string] => [`${camel(file)}.${key}`, text]),
    ),
  );
const [en, zh] = [collect(english), collect(chinese)];
const screens = new Set(Object.keys(english).map(camel));

const renderer = join(import.meta.dirname, '../../src/renderer');
const sources = readdirSync(renderer, { recursive: true, encoding: 'utf8' })
  .filter((name) => /\.(vue|ts)$/.test(name) && !/[/\\]i18n[/\\](en|zh)[/\\]/.test(join(renderer, name)))
  .map((name) => ({ name, text: readFileSync(join(renderer, name), 'utf8') }));

/** Names of calls and commands look like keys; they count as keys only where they are translated. */
const others = new Set<string>([...Object.keys(CALLS), ...COMMAND_IDS]);
const FILE = /\.(csv|tex|png|svg|json|md)$/;
const isKey = (text: string): boolean => screens.has(text.split('.')[0] as string);

interface Use {
  name: string;
  key: string;
}

const literals = sources.flatMap(({ name, text }): Use[] => {
  const translated = [...text.matchAll(/\bte?\(\s*'(\w+\.\w+)'/g)].map(([, key]) => key as string);
  const named = [...text.matchAll(/'(\w+\.\w+)'/g)]
    .map(([, key]) => key as string)
    .filter((key) => !others.has(key) && !FILE.test(key));
  return [...new Set([...translated, ...named])].filter(isKey).map((key) => ({ name, key }));
});
/** A template `home.fact_${key}` matches every key of that form. */
const patterns = sources.flatMap(({ name, text }) =>
  [...text.matchAll(/`(\w+\.[\w]*\$\{(?:[^`{}]|\{[^{}]*\})*\}[^`]*)`/g)]
    .map(([, key]) => key as string)
    .filter(isKey)
    .map((key) => ({
      name,
      key,
      fits: new RegExp(
        `^${key
          .replace(/\$\{[^}]*\}/g, '\u0000')
          .replace('.', '\\.')
          .replaceAll('\u0000', '.+')}$`,
      ),
    })),
);

const holders = (text: string): string[] =>
  [...new Set([...text.matchAll(/\{(\w+)\}/g)].map(([, name]) => name as string))].sort();

describe('the strings of the window', () => {
  it('are the same in both languages, down to the placeholders', () => {
    expect([...zh.keys()].sort()).toEqual([...en.keys()].sort());
    expect(en.size).toBeGreaterThan(300);
    for (const [key, text] of en) expect([key, holders(zh.get(key) ?? '')]).toEqual([key, holders(text)]);
  });

  it('say something in each language', () => {
    for (const [key, text] of [...en, ...zh]) expect([key, text.trim().length > 0]).toEqual([key, true]);
    const untranslated = [...en].filter(([key, text]) => zh.get(key) === text && / [a-z]{3,} [a-z]{3,}/.test(text));
    expect(untranslated).toEqual([]);
  });

  it('are all there that the window asks for', () => {
    expect(literals.length).toBeGreaterThan(300);
    expect(literals.filter(({ key }) => !en.has(key))).toEqual([]);
    expect(
      patterns
        .filter(({ fits }) => ![...en.keys()].some((key) => fits.test(key)))
        .map(({ name, key }) => ({ name, key })),
    ).toEqual([]);
  });

  it('are all used', () => {
    const used = new Set(literals.map(({ key }) => key));
    const unused = [...en.keys()].filter((key) => !used.has(key) && !patterns.some(({ fits }) => fits.test(key)));
    expect(unused).toEqual([]);
  });

  it('are in no template as bare words', () => {
    const bare = sources
      .filter(({ name }) => name.endsWith('.vue'))
      .flatMap(({ name, text }) => {
        const template = /<template>([\s\S]*)<\/template>/.exec(text)?.[1] ?? '';
        const shown = template.replace(/\{\{[\s\S]*?\}\}/g, '').replace(/<!--[\s\S]*?-->/g, '');
        return [...shown.matchAll(/>([^<>]*[A-Za-z]{3,}[^<>]*)</g)].map(([, words]) => ({
          name,
          words: (words as string).trim(),
        }));
      })
      // Shell code and names of formats are the same in every language.
      .filter(({ words }) => !words.startsWith('efficienttrain') && !/^[A-Z]+$/.test(words));
    expect(bare).toEqual([]);
  });
});
