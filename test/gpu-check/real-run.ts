/** Trains a real run of the bundled sample by the program's own command line. */
import { join } from 'node:path';
import type { RunDevice } from '../../src/shared/contract/devices';
import type { Context } from './check';

const SAMPLE = join(import.meta.dirname, '../../resources/sample/sign-digits');

export interface RealRun {
  device: RunDevice | null;
  stages: { bandwidth: number; seconds: number; compute_seconds: number }[];
  state: string;
}

export async function importSample({ program }: Context, name: string): Promise<void> {
  await program(['import', SAMPLE, '--name', name]);
}

export async function trainSample({ program, quick }: Context, name: string, device = 'auto'): Promise<RealRun> {
  const [model, size, batch] = quick ? ['resnet_micro', 32, 32] : ['resnet18', 64, 64];
  const args = ['--model', model, '--size', size, '--batch', batch, '--epochs', quick ? 1 : 4].map(String);
  const fields = ['--set', 'eval.every=1000', '--set', `engine.device=${device}`];
  const { run } = (await program(['train', '--dataset', name, ...args, ...fields])) as { run: { id: string } };
  return ((await program(['show', run.id])) as { run: RealRun }).run;
}
