/**
 * Writes a captured step, or an evaluation's batch, for another TensorFlow: the graph, and the values of its variables
 * and inputs.
 */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { prepare, type StepCase } from '../step/ours';

/**
 * @param text the case as JSON  @param act "steps" or "evaluations"  @param folder gets the graph, feed.json and
 * feed.bin
 */
export function main([text = '', act = '', folder = '']: string[]): void {
  const feed = prepare(JSON.parse(text) as StepCase, folder).feed(act === 'evaluations' ? 'evaluate' : 'step');
  const parts: Uint8Array[] = [];
  const described = (values: Record<string, ArrayBufferView>): Record<string, [string, number]> =>
    Object.fromEntries(
      Object.entries(values).map(([name, array]) => {
        parts.push(new Uint8Array(array.buffer, array.byteOffset, array.byteLength));
        return [name, [array.constructor.name.replace('Array', '').toLowerCase(), array.byteLength]];
      }),
    );
  const told = { signature: feed.signature, state: described(feed.state), inputs: described(feed.inputs) };
  writeFileSync(join(folder, 'feed.json'), JSON.stringify(told));
  writeFileSync(join(folder, 'feed.bin'), Buffer.concat(parts));
  process.exit();
}
