/**
 * `npm run gpu-check`: checks what only a GPU can show, in ten minutes at most and without a network. --help says more.
 */
import { writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { fileURLToPath } from 'node:url';
import { runTypeScript } from '../bench/support/run-typescript.mjs';

const USAGE = `npm run gpu-check -- [CHECK ...] [OPTIONS]

Checks the first GPU that TensorFlow can use: that it is taken, that nothing of a step is placed on the processor, losses and gradients against the
processor's, memory over 200 steps, how long a real run waits for images, what autocast and XLA bring, images a second beside PyTorch where it is there,
and two runs at once where there are two GPUs. Without a GPU it runs to its end on the processor and says so.

Ends with 0 where nothing is wrong, with 1 where something is. Checks: device, placement, numbers, memory, loader, autocast, xla, two-runs, pytorch.

  --json FILE    also writes all that was measured
  --minutes N    at most this long (default 10); what is left then is skipped
  --quick        fewer steps of smaller models, to see that the checks work`;

function commandLine() {
  try {
    return parseArgs({
      allowPositionals: true,
      options: {
        help: { type: 'boolean', default: false },
        quick: { type: 'boolean', default: false },
        json: { type: 'string' },
        minutes: { type: 'string', default: '10' },
      },
    });
  } catch (error) {
    console.error(`${error.message}\n\n${USAGE}`);
    return process.exit(2);
  }
}

const { values, positionals } = commandLine();
const minutes = Number(values.minutes);
if (values.help || !(minutes > 0)) {
  (values.help ? console.log : console.error)(USAGE);
  process.exit(values.help ? 0 : 2);
}
const { runChecks, summary } = await runTypeScript(fileURLToPath(new URL('run-checks.ts', import.meta.url)));
const report = await runChecks({ quick: values.quick, minutes, only: positionals }, (line) => console.log(line));
console.log(`\n${summary(report)}`);
if (values.json) writeFileSync(values.json, `${JSON.stringify(report, null, 1)}\n`);
process.exit(report.ok ? 0 : 1);
