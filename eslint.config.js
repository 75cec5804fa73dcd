import globals from 'globals';
import vue from 'eslint-plugin-vue';
import tseslint from 'typescript-eslint';

/** Which folder may import which (docs/architecture.md). Paths are as written in an import, relative. */
const forbid = (files, patterns) => ({
  files,
  rules: { 'no-restricted-imports': ['error', { patterns: patterns.map(([group, message]) => ({ group, message })) }] },
});

const ELECTRON = [['electron', 'electron/*'], 'Only src/main/desktop and src/preload import electron.'];
const HOSTS = ['cli', 'desktop', 'serve'];
const outside = (names, message) => [
  names.flatMap((name) => [`**/../${name}`, `**/../${name}/**`, `../${name}`, `../${name}/**`]),
  message,
];
const NODE = ['node:*', 'fs', 'path', 'os', '@tensorflow/*', 'better-sqlite3', 'sharp', 'ws'];

export default tseslint.config(
  { ignores: ['out/**', 'node_modules/**', 'dist/**', 'coverage/**'] },
  ...tseslint.configs.recommended,
  ...vue.configs['flat/essential'],
  {
    languageOptions: { globals: globals.node },
    rules: {
      '@typescript-eslint/no-unused-vars': [
        'error',
        { argsIgnorePattern: '^_', varsIgnorePattern: '^_', caughtErrors: 'none' },
      ],
      'max-lines': ['error', { max: 375, skipBlankLines: true, skipComments: true }],
      'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
      eqeqeq: 'error',
    },
  },
  { files: ['**/*.ts', '**/*.vue'], rules: { '@typescript-eslint/consistent-type-imports': 'error' } },
  {
    // Types of .vue files would cost a minute and gigabytes; vue-tsc checks them.
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { project: ['tsconfig.json', 'tsconfig.web.json', 'tsconfig.e2e.json'] } },
    rules: { '@typescript-eslint/no-floating-promises': 'error' },
  },
  { files: ['**/*.mjs', '**/*.js'], ...tseslint.configs.disableTypeChecked },
  {
    files: ['**/*.vue'],
    languageOptions: { globals: globals.browser, parserOptions: { parser: tseslint.parser } },
    rules: {
      'vue/multi-word-component-names': 'off',
      'vue/no-v-html': 'error',
      'vue/block-order': ['error', { order: ['script', 'template', 'style'] }],
    },
  },
  { files: ['src/renderer/**/*.ts'], languageOptions: { globals: globals.browser } },
  // Process and thread entries: wiring only, they may import all but electron.
  forbid(['src/main/*.ts'], [ELECTRON]),
  forbid(['src/main/cli/**/*.ts'], [ELECTRON]),
  forbid(['src/main/services/**/*.ts'], [ELECTRON, outside(HOSTS, 'Services know no host.')]),
  forbid(
    ['src/main/store/**/*.ts'],
    [ELECTRON, outside(['engine', 'services', ...HOSTS], 'The store imports base and shared only.')],
  ),
  forbid(
    ['src/main/engine/**/*.ts'],
    [ELECTRON, outside(['store', 'services', ...HOSTS], 'The engine imports base and shared only.')],
  ),
  forbid(
    ['src/main/base/**/*.ts'],
    [ELECTRON, outside(['engine', 'store', 'services', ...HOSTS], 'The bottom layer imports Node and shared only.')],
  ),
  forbid(
    ['src/main/serve/**/*.ts'],
    [ELECTRON, [['**/engine/**', '**/cli/**', '**/desktop/**'], 'Serving carries bytes: it uses services only.']],
  ),
  forbid(
    ['src/main/desktop/**/*.ts'],
    [[['**/engine/**', '**/cli/**'], 'The desktop shell carries bytes: it uses services only.']],
  ),
  forbid(
    ['src/renderer/**/*.ts', 'src/renderer/**/*.vue'],
    [
      ELECTRON,
      [['**/main/**'], 'The window knows the contract in src/shared, nothing of src/main.'],
      [NODE, 'The window is sandboxed: no Node.'],
    ],
  ),
  forbid(
    ['src/preload/**/*.ts'],
    [[[...NODE, '**/main/**', '**/renderer/**'], 'The preload is sandboxed: electron alone.']],
  ),
  forbid(
    ['src/shared/**/*.ts'],
    [
      ELECTRON,
      [['**/main/**', '**/renderer/**', '**/preload/**'], 'Shared code imports nothing outside src/shared.'],
      [[...NODE, 'vue'], 'Shared code is pure TypeScript; zod is its only dependency.'],
    ],
  ),
);
