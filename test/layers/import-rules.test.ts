/**
 * Every import rule of eslint.config.js is effective: a violation is planted in memory, beside an import that is
 * allowed.
 */
import { ESLint } from 'eslint';
import { describe, expect, it } from 'vitest';

// With a CI's environment, the parser would read each file once from disk, and lint the file itself instead of the
// planted violation.
const eslint = new ESLint({
  overrideConfig: {
    files: ['**/*.ts'],
    languageOptions: { parserOptions: { disallowAutomaticSingleRunInference: true } },
  },
});

async function refused(filePath: string, source: string): Promise<boolean> {
  // The path of an existing file, so that the type-aware rules find it in the project.
  const [result] = await eslint.lintText(`import x from '${source}';\nexport default x;\n`, { filePath });
  return result?.messages.some(({ ruleId }) => ruleId === 'no-restricted-imports') ?? false;
}

const SHARED = 'src/shared/curriculum/plan.ts';
const ENGINE = 'src/main/engine/train/loop.ts';
const BASE = 'src/main/base/home.ts';
const STORE = 'src/main/store/runs.ts';
const SERVICE = 'src/main/services/datasets/datasets.ts';
const RENDERER = 'src/renderer/stores/app.ts';
const PRELOAD = 'src/preload/index.ts';

describe('import rules', () => {
  it.each([
    [SHARED, '../../main/base/home'],
    [SHARED, 'node:fs'],
    [SHARED, '@tensorflow/tfjs'],
    [SHARED, 'electron'],
    [ENGINE, '../../store/runs'],
    [ENGINE, '../../services/datasets/datasets'],
    [ENGINE, '../../cli/format'],
    [ENGINE, 'electron'],
    [BASE, '../engine/types'],
    [BASE, '../store/open'],
    [BASE, '../services/datasets/datasets'],
    [BASE, '../cli/format'],
    [BASE, 'electron'],
    [ENGINE, '../../serve/server'],
    [STORE, '../serve/server'],
    [STORE, '../engine/types'],
    [STORE, '../services/datasets/datasets'],
    [SERVICE, '../../cli/format'],
    [SERVICE, 'electron'],
    ['src/main/cli/format.ts', 'electron'],
    ['src/main/trainer.ts', 'electron'],
    ['src/main/serve/server.ts', 'electron'],
    ['src/main/serve/server.ts', '../engine/types'],
    ['src/main/serve/server.ts', '../cli/format'],
    [SERVICE, '../../serve/server'],
    [RENDERER, '../../main/base/home'],
    [RENDERER, 'node:fs'],
    [RENDERER, 'electron'],
    [PRELOAD, '../main/base/home'],
    [PRELOAD, 'node:fs'],
  ])('%s may not import %s', async (file, source) => expect(await refused(file, source)).toBe(true));

  it.each([
    [SHARED, 'zod'],
    [ENGINE, '../../../shared/errors'],
    [ENGINE, '../types'],
    [ENGINE, '../../base/process-ended'],
    [BASE, './make-folder'],
    [BASE, '../../shared/errors'],
    [STORE, '../base/home'],
    [STORE, '../../shared/errors'],
    [SERVICE, '../../store/runs'],
    [SERVICE, '../../engine/types'],
    ['src/main/cli/format.ts', '../services/datasets/datasets'],
    ['src/main/serve/server.ts', '../services/core/core'],
    [RENDERER, '../../shared/errors'],
    [RENDERER, 'vue'],
    [PRELOAD, 'electron'],
  ])('%s may import %s', async (file, source) => expect(await refused(file, source)).toBe(false));
});
