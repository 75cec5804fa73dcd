#!/usr/bin/env node
/** `npm start`: until the window exists, the main job in the terminal, on the bundled sample. */
import { launch } from './launch.mjs';

launch(['start', ...process.argv.slice(2)]);
