import { defineConfig } from 'vitest/config';

/** What `npm test` runs; slow checks are *.full.test.ts (vitest.full.config.ts). */
export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/**/*.full.test.ts', 'node_modules/**'],
    globalSetup: ['test/support/build.ts'],
    setupFiles: ['test/support/own-temporary-folder.ts'],
    pool: 'forks',
    maxWorkers: 2,
    testTimeout: 120_000,
    hookTimeout: 120_000,
    // A second, the default, is short for a window on a busy machine.
    expect: { poll: { timeout: 15_000 } },
  },
});
