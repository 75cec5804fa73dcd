/** `node run-bundled.mjs BUNDLE ARGS...` calls `main(ARGS)` of a bundle that bundle.mjs has made. */
const [bundle, ...args] = process.argv.slice(2);
const { main } = await import(bundle);
await main(args);
