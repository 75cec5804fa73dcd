/** About how much memory the steps of a run take, from their traces alone: nothing is executed. */
import type { Plan } from '../../shared/curriculum/plan';
import type { RunConfig } from '../../shared/run-config';
import { applyEngineEnvironment } from '../engine/backend/environment';
import { loadBackend } from '../engine/backend/load';
import { ownOps } from '../engine/capture/own-ops';
import { applyPasses, passesFor } from '../engine/capture/passes';
import { peakMemory } from '../engine/capture/peak-memory';
import { traceProgram } from '../engine/capture/tracer';
import { classifyProgram, trainSignature } from '../engine/tasks/classify';
import { trainingSetup } from '../engine/train/setup';

export interface StageMemory {
  bandwidth: number;
  batch: number;
  bytes: number;
}

/** Larger batches are not traced (tfjs makes arrays of their size) but extrapolated from this one and its half. */
const LARGEST_TRACED = 64;

/** Of each distinct size and batch of the plan; empty where there is no engine to trace for. */
export function estimateMemory(config: RunConfig, classes: number, plan: Plan): StageMemory[] {
  applyEngineEnvironment({ intraOpThreads: config.engine.intra_op_threads, interOpThreads: config.engine.inter_op_threads });
  const { tf, backend, engine } = loadBackend();
  if (!backend) return [];
  const own = ownOps(engine, backend.binding);
  const { classify, autocast } = trainingSetup(config, classes, plan.stages);
  const parts = config.optimizer.grad_accum_steps;
  const traced = classify.train.flatMap(({ bandwidth, batch }) =>
    (batch > LARGEST_TRACED ? [LARGEST_TRACED / 2, LARGEST_TRACED] : [batch]).map((side) => ({ bandwidth, batch: side })),
  );
  const train = [...new Map(traced.map((pair) => [trainSignature(pair.bandwidth, pair.batch), pair])).values()];
  const graph = applyPasses(
    traceProgram(classifyProgram({ ...classify, train, evaluate: [] }), tf, backend, { kernels: own.own }),
    passesFor(autocast, own),
  );
  const bytesAt = (bandwidth: number, batch: number): number => {
    const traced = (size: number): number => peakMemory(graph, trainSignature(bandwidth, size)).bytes;
    if (batch <= LARGEST_TRACED) return traced(batch);
    const most = traced(LARGEST_TRACED);
    return most + ((most - traced(LARGEST_TRACED / 2)) / (LARGEST_TRACED / 2)) * (batch - LARGEST_TRACED);
  };
  return classify.train.map(({ bandwidth, batch }) => ({ bandwidth, batch: batch * parts, bytes: bytesAt(bandwidth, batch) }));
}
