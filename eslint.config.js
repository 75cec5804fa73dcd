import globals from 'globals';
import tseslint from 'typescript-eslint';

/** Which folder may import which (docs/architecture.md). Paths are as written in an import, relative. */
const forbid = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }] },
});

const ELECTRON = [['electron', 'electron/*'], 'Only src/main/desktop imports electron.'];
const MAIN = ['store', 'services', 'cli'];
const outside = (names, message) => [
  names.flatMap((name) => [`**/../${name}`, `**/../${name}/**`, `../${name}`, `../${name}/**`]),
  message,
];

export default tseslint.config(
  { ignores: ['out/**', 'node_modules/**', 'dist/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  {
    languageOptions: { globals: globals.node, parserOptions: { projectService: { allowDefaultProject: ['eslint.config.js'] } } },
    rules: {
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' }],
      'max-lines': ['error', { max: 350, skipBlankLines: true, skipComments: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
    },
  },
  {
    files: ['**/*.ts'],
    rules: { '@typescript-eslint/no-floating-promises': 'error', '@typescript-eslint/consistent-type-imports': 'error' },
  },
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
  // Process and thread entries: wiring only, they may import all but electron.
  forbid(['src/main/*.ts'], [ELECTRON]),
  forbid(['src/main/cli/**/*.ts'], [ELECTRON]),
  forbid(['src/main/services/**/*.ts'], [ELECTRON, outside(['cli', 'desktop'], 'Services know no host.')]),
  forbid(
    ['src/main/store/**/*.ts'],
    [ELECTRON, outside(['engine', 'services', 'cli', 'desktop'], 'The store imports shared only.')],
  ),
  forbid(['src/main/engine/**/*.ts'], [ELECTRON, outside([...MAIN, 'desktop'], 'The engine imports shared only.')]),
  forbid(
    ['src/shared/**/*.ts'],
    [
      ELECTRON,
      [['**/main/**', '**/renderer/**', '**/preload/**'], 'Shared code imports nothing outside src/shared.'],
      [
        ['node:*', 'fs', 'path', 'os', '@tensorflow/*', 'better-sqlite3', 'sharp', 'vue'],
        'Shared code is pure TypeScript; zod is its only dependency.',
      ],
    ],
  ),
);
