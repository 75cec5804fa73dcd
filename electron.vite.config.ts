import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import vue from '@vitejs/plugin-vue';
import { defineConfig } from 'electron-vite';

/** Each entry is a process or a thread of its own (docs/architecture.md). */
const ENTRIES = {
  index: 'src/main/index.ts',
  cli: 'src/main/cli.ts',
  trainer: 'src/main/trainer.ts',
  searcher: 'src/main/searcher.ts',
  studier: 'src/main/studier.ts',
  job: 'src/main/job.ts',
  pictures: 'src/main/pictures.ts',
  'loader-worker': 'src/main/engine/data/loader-worker.ts',
  'scan-reader': 'src/main/scan-reader.ts',
  'near-worker': 'src/main/near-worker.ts',
  'store-writer': 'src/main/store/writer-worker.ts',
  'export-check': 'src/main/engine/export/check-entry.ts',
};

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
  preload: {
    build: {
      outDir: 'out/preload',
      externalizeDeps: false,
      rolldownOptions: { input: 'src/preload/index.ts', output: { format: 'cjs', entryFileNames: '[name].cjs' } },
    },
  },
  renderer: {
    root: 'src/renderer',
    base: './',
    plugins: [vue()],
    build: {
      outDir: resolve('out/renderer'),
      emptyOutDir: true,
      minify: true,
      // A data: URL for a font or a script would need holes in the content security policy.
      assetsInlineLimit: 0,
      modulePreload: { polyfill: false },
      // api/without-eval has to run before any schema is made, in whatever chunk that is.
      rolldownOptions: { input: 'src/renderer/index.html', output: { strictExecutionOrder: true } },
    },
  },
});
