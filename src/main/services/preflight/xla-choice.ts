/**
 * Decides whether XLA compiles the steps of a run on a GPU. `engine.xla: auto` uses XLA where a preflight has measured
 * that it is faster, and not where none has measured it.
 */
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import engine from '../../../../resources/engine.json';
import type { RunDevice } from '../../../shared/contract/devices';
import type { PreflightItem } from '../../../shared/contract/plans';
import type { RunConfig } from '../../../shared/run-config';
import { xlaChoiceFolder } from '../../base/home';
import { makeFolder } from '../../base/make-folder';
import { measureStages, type MeasuredStage, type MeasureOptions } from './dry-run';
import { item } from './item';

/** Least gain: compiling takes minutes at each size, so a smaller one is not worth it. */
const WORTH = 1.05;

const choiceSchema = z.object({ xla: z.boolean() });

/**
 * Returns the file of a choice. A measurement holds for the same network and step on the same kind of GPU with the same
 * TensorFlow.
 */
function choiceFile(
  home: string,
  { model, size, model_args, optimizer, engine: { autocast } }: RunConfig,
  gpu: string,
): string {
  // Fields that were added later and are null change nothing: earlier measurements still hold.
  const args = Object.fromEntries(Object.entries(model_args).filter(([, value]) => value !== null));
  const decides = [model, size, args, optimizer.name, optimizer.grad_accum_steps, autocast, gpu, engine.version];
  return join(
    xlaChoiceFolder(home),
    `${createHash('sha256').update(JSON.stringify(decides)).digest('hex').slice(0, 32)}.json`,
  );
}

function remembered(file: string): boolean {
  try {
    return choiceSchema.parse(JSON.parse(readFileSync(file, 'utf8'))).xla;
  } catch {
    // No preflight has measured it, or its file is damaged: steps are then not compiled.
    return false;
  }
}

/**
 * Says whether a run's steps are compiled on this device; never on the processor, where XLA is slower for these models.
 */
export function xlaFor(home: string, config: RunConfig, device: RunDevice): boolean {
  if (device.kind !== 'gpu' || config.engine.xla === 'off') return false;
  return config.engine.xla === 'on' || remembered(choiceFile(home, config, device.name));
}

/**
 * Measures, for `auto` on a GPU, a few real steps at the most expensive size compiled by XLA, and remembers the faster
 * choice for later runs.
 * @param plain the measurement without XLA @param measure `measureStages` @returns null where there is nothing to
 * choose
 */
export async function chooseXla(
  options: MeasureOptions,
  plain: readonly MeasuredStage[],
  device: RunDevice,
  measure: typeof measureStages = measureStages,
): Promise<PreflightItem | null> {
  const { home, config, plan } = options;
  const slowest = plain.toSorted((a, b) => b.step_seconds - a.step_seconds)[0];
  if (config.engine.xla !== 'auto' || device.kind !== 'gpu' || !slowest) return null;
  const { bandwidth, batch } = slowest;
  const stages = plan.stages.filter((stage) => stage.bandwidth === bandwidth && stage.batch === batch).slice(0, 1);
  let compiled: MeasuredStage | undefined;
  let why = '';
  try {
    [compiled] = await measure({ ...options, plan: { ...plan, stages }, xla: true });
  } catch (error) {
    if (options.signal?.aborted) throw error;
    why = (error as Error).message.split('\n')[0] ?? '';
  }
  const gain = compiled ? slowest.step_seconds / compiled.step_seconds : 0;
  makeFolder(xlaChoiceFolder(home));
  writeFileSync(choiceFile(home, config, device.name), JSON.stringify({ xla: gain >= WORTH }));
  if (!compiled) return item('xla', 'good', 'refused', { why });
  return item('xla', 'good', gain >= WORTH ? 'taken' : 'left', { gain: Math.round(100 * gain) / 100, bandwidth });
}
