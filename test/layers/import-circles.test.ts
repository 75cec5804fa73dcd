/**
 * No file of src imports itself through others, not even for types: code that depends on each other belongs into one
 * file. The same holds for folders of the engine.
 */
import { existsSync, globSync, readFileSync } from 'node:fs';
import { dirname, posix } from 'node:path';
import ts from 'typescript';
import { describe, expect, it } from 'vitest';

type ImportGraph = ReadonlyMap<string, readonly string[]>;

/** Returns the code of a file; for a Vue component, the code of its scripts. */
function codeOf(file: string): string {
  const text = readFileSync(file, 'utf8');
  if (!file.endsWith('.vue')) return text;
  return [...text.matchAll(/<script[^>]*>([\s\S]*?)<\/script>/g)].map(([, script]) => script).join('\n');
}

/**
 * Returns the relative specifiers of static imports and re-exports. `import()` is left out, because it runs later, when
 * both files are loaded.
 */
function specifiersOf(code: string): string[] {
  return ts.createSourceFile('x.ts', code, ts.ScriptTarget.Latest).statements.flatMap((statement) => {
    if (!ts.isImportDeclaration(statement) && !ts.isExportDeclaration(statement)) return [];
    const { moduleSpecifier } = statement;
    return moduleSpecifier && ts.isStringLiteral(moduleSpecifier) && moduleSpecifier.text.startsWith('.')
      ? [moduleSpecifier.text]
      : [];
  });
}

const ENDS = ['', '.ts', '/index.ts', '.css', '.json'];

function importGraph(): ImportGraph {
  const files = globSync('src/**/*.{ts,vue}').map((file) => file.replaceAll('\\', '/'));
  const known = new Set(files);
  return new Map(
    files.map((file) => {
      const targets = specifiersOf(codeOf(file)).flatMap((specifier) => {
        const path = posix.join(dirname(file), specifier.replace(/\?\w+$/, ''));
        const target = ENDS.map((end) => path + end).find((one) => known.has(one));
        if (!target && !ENDS.some((end) => existsSync(path + end)))
          throw new Error(`${file} imports ${specifier}: no such file`);
        return target ?? [];
      });
      return [file, targets];
    }),
  );
}

/**
 * Returns the first circle from each file that no earlier search has visited: the files on it, in the order of their
 * imports.
 */
function circlesOf(graph: ImportGraph): string[][] {
  const circles: string[][] = [];
  const done = new Set<string>();
  const visit = (file: string, path: readonly string[]): void => {
    const at = path.indexOf(file);
    if (at >= 0) circles.push([...path.slice(at), file]);
    if (at >= 0 || done.has(file)) return;
    for (const target of graph.get(file) ?? []) visit(target, [...path, file]);
    done.add(file);
  };
  for (const file of graph.keys()) visit(file, []);
  return circles;
}

const ENGINE = 'src/main/engine/';

/** Returns which folders directly below the engine's import from which. */
function engineFolders(graph: ImportGraph): ImportGraph {
  const folderOf = (file: string): string[] =>
    file.startsWith(ENGINE) && file.includes('/', ENGINE.length)
      ? [file.slice(ENGINE.length).split('/')[0] as string]
      : [];
  const folders = new Map<string, Set<string>>();
  for (const [file, targets] of graph) {
    for (const folder of folderOf(file)) {
      const imported = folders.get(folder) ?? new Set();
      for (const target of targets.flatMap(folderOf)) if (target !== folder) imported.add(target);
      folders.set(folder, imported);
    }
  }
  return new Map([...folders].map(([folder, imported]) => [folder, [...imported]]));
}

describe('import circles', () => {
  it('are found, through types and re-exports too', () => {
    const graph = new Map([
      ['a', ['b']],
      ['b', ['c', 'd']],
      ['c', []],
      ['d', ['b']],
    ]);
    expect(circlesOf(graph)).toEqual([['b', 'd', 'b']]);
    expect(specifiersOf(`import type { A } from './a';\nexport { b } from '../b';\nconst c = import('./c');`)).toEqual([
      './a',
      '../b',
    ]);
  });

  it('do not exist in src', () => {
    const graph = importGraph();
    expect(graph.get('src/main/store/migrate.ts')?.length).toBe(0);
    expect(graph.get('src/main/store/open.ts')).toContain('src/main/store/migrate.ts');
    expect(graph.size).toBeGreaterThan(500);
    expect(circlesOf(graph)).toEqual([]);
  });

  it('do not exist between folders of the engine', () => {
    const folders = engineFolders(importGraph());
    expect(folders.get('capture')).toContain('backend');
    expect(circlesOf(folders)).toEqual([]);
  });
});
