import { defineConfig } from 'electron-vite';

/** Only the Node side so far: each entry is a process or a thread of its own (docs/architecture.md). */
export default defineConfig({
  main: {
    build: {
      outDir: 'out/main',
      sourcemap: true,
      rolldownOptions: {
        input: {
          cli: 'src/main/cli.ts',
        },
        output: { format: 'es', entryFileNames: '[name].js', chunkFileNames: 'chunks/[name]-[hash].js' },
      },
    },
  },
});
