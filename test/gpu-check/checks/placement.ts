import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { bundled } from '../../bench/support/bundle.mjs';
import { subjects, type Check, type Context, type Verdict } from '../check';
import { LOG_PLACEMENT } from '../../../src/main/engine/backend/session-config';
import type { StepProcess } from '../step-process';

const RUNNER = join(import.meta.dirname, '../../bench/support/run-bundled.mjs');
const LINE = /^(\S+): \((\w+)\): \S*device:(\w+):\d+$/gm;

export interface Placed {
  node: string;
  op: string;
  device: string;
}

/** Returns the placements that TensorFlow has printed with log_device_placement. */
export const placementsIn = (text: string): Placed[] =>
  [...text.matchAll(LINE)].map(([, node = '', op = '', device = '']) => ({ node, op, device }));

/** Says whether a node is a step's: in its signature, or a read of variables. */
const ofStep = ({ node }: Placed): boolean => /^(train_|accumulate_|var\/)/.test(node);

async function printedBy({ environment, folder, quick }: Context, subject: StepProcess): Promise<string> {
  const config = join(folder, 'log-placement.pb');
  writeFileSync(config, LOG_PLACEMENT);
  const bundle = await bundled(join(import.meta.dirname, '../step-process.ts'));
  const child = spawn(
    process.execPath,
    [RUNNER, bundle, JSON.stringify({ ...subject, batch: quick ? 4 : subject.batch })],
    {
      stdio: ['pipe', 'pipe', 'ignore'],
      env: { ...process.env, ...environment('gpu'), TENSORFLOW_SESSION_CONFIG: config },
    },
  );
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (part: string) => (text += part));
  child.stdin.end('{"steps":1}\n');
  await once(child, 'close');
  return text;
}

/** Judges the placements. @param placed by model  @param gpu whether there is one */
export function judged(placed: Record<string, readonly Placed[]>, gpu: boolean): Verdict {
  const nodes = Object.values(placed).flat().filter(ofStep);
  if (!nodes.length) return { state: 'bad', text: 'TensorFlow did not say where it places a step.' };
  const elsewhere = nodes.filter(({ device }) => device !== 'GPU');
  const ops = [...new Set(elsewhere.map(({ op }) => op))].sort();
  const figures = { nodes: nodes.length, on_processor: elsewhere.length, ops };
  if (!gpu) return { state: 'good', text: `All ${nodes.length} nodes of a step are placed on the processor.`, figures };
  if (!elsewhere.length)
    return { state: 'good', text: `All ${nodes.length} nodes of a step are placed on the GPU.`, figures };
  const text = `${elsewhere.length} of ${nodes.length} nodes of a step are placed on the processor: ${ops.join(', ')}.`;
  return { state: 'bad', text, figures };
}

/** Checks whether any part of a step is placed on the processor. */
export const check: Check = {
  id: 'placement',
  run: async (context) => {
    const placed: Record<string, Placed[]> = {};
    for (const subject of subjects(context.quick))
      placed[subject.model] = placementsIn(await printedBy(context, subject));
    return judged(placed, context.gpus.length > 0);
  },
};
