import { defineConfig } from 'vitest/config';

/** `npm run test:full`: parity of every model, learning runs, fifty kills. PYTHON_WITH_TORCH names a Python with torch 2.13 and timm. */
export default defineConfig({
  test: {
    include: ['test/**/*.full.test.ts'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/own-temporary-folder.ts'],
    pool: 'forks',
    maxWorkers: 1,
    testTimeout: 3_600_000,
    hookTimeout: 600_000,
  },
});
