/**
 * A fresh process that runs what an export has written: `export-check.js FORMAT FOLDER IMAGES COUNT OUT CACHE`. IMAGES holds uint8
 * [count, size, size, 3], OUT gets float32 [count, classes]. It knows nothing of the run, so only the files speak.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { exporterOf } from './exporters';

const [format = '', folder = '', images = '', count = '', out = '', cache = ''] = process.argv.slice(2);
const result = exporterOf(format).run(folder, new Uint8Array(readFileSync(images)), Number(count), cache);
writeFileSync(out, new Uint8Array(result.buffer, result.byteOffset, result.byteLength));
