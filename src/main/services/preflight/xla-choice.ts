/**
 * Whether XLA compiles the steps of a run on a GPU. `engine.xla: auto` takes what a preflight has measured to be
 * faster, and does without where none has.
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

/** Compiling takes minutes at each size, so what gains less is not worth it. */
const WORTH = 1.05;

const choiceSchema = z.object({ xla: z.boolean() });

/** What was measured holds for the same network and step on the same kind of GPU with the same TensorFlow. */
function choiceFile(
  home: string,
  { model, size, model_args, optimizer, engine: { autocast } }: RunConfig,
  gpu: string,
): string {
  // Fields that came later and are null change nothing: what was measured before them still holds.
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
    // No preflight has measured it, or what it wrote is damaged: steps are as they always were.
    return false;
  }
}

/**
 * Whether a run's steps are to be compiled on this device; never on the processor, where it is slower for these models.
 */
export function xlaFor(home: string, config: RunConfig, device: RunDevice): boolean {
  if (device.kind !== 'gpu' || config.engine.xla === 'off') return false;
  return config.engine.xla === 'on' || remembered(choiceFile(home, config, device.name));
}

/**
 * For `auto` on a GPU: a few real steps at the most expensive size, compiled; what is faster is remembered for the runs
 * that follow.
 * @param plain what was measured without  @param measure `measureStages` @returns null where there is nothing to choose
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
