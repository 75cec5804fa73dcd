import { existsSync } from 'node:fs';
import { defineConfig } from 'electron-vite';

/** Each entry is a process or a thread of its own (docs/architecture.md). */
const ENTRIES = {
  cli: 'src/main/cli.ts',
  trainer: 'src/main/trainer.ts',
  'loader-worker': 'src/main/engine/data/loader-worker.ts',
  'store-writer': 'src/main/store/writer-worker.ts',
  'export-check': 'src/main/engine/export/check-entry.ts',
};

/** Only the Node side so far. */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      sourcemap: true,
      rolldownOptions: {
        input: Object.fromEntries(Object.entries(ENTRIES).filter(([, file]) => existsSync(file))),
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
});
