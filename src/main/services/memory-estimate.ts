/** About how much memory the steps of a run take, from their traces alone: nothing is executed. */
import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { applyEngineEnvironment } from '../engine/backend/environment';
import { loadBackend } from '../engine/backend/load';
import { applyPasses } from '../engine/capture/passes';
import { peakMemory } from '../engine/capture/peak-memory';
import { traceProgram } from '../engine/capture/tracer';
import { classifyProgram, trainSignature } from '../engine/tasks/classify';
import { trainingSetup } from '../engine/train/setup';

export interface StageMemory {
  bandwidth: number;
  batch: number;
  bytes: number;
}

/** Of each distinct size and batch; empty where there is no engine to trace for. */
export function estimateMemory(config: RunConfig, classes: number, plan: Plan): StageMemory[] {
  applyEngineEnvironment({ intraOpThreads: config.engine.intra_op_threads, interOpThreads: config.engine.inter_op_threads });
  const { tf, backend } = loadBackend();
  if (!backend) return [];
  const { classify } = trainingSetup(config, classes, plan.stages);
  const graph = applyPasses(traceProgram(classifyProgram({ ...classify, evaluate: [] }), tf, backend));
  return classify.train.map(({ bandwidth, batch }) => ({
    ...{ bandwidth, batch },
    bytes: peakMemory(graph, trainSignature(bandwidth, batch)).bytes,
  }));
}
