/** Estimates the memory of a run's steps from their traces alone: nothing is executed. */
import type { Plan } from '../../../shared/curriculum/plan';
import type { RunConfig } from '../../../shared/run-config';
import { applyEngineEnvironment } from '../../engine/backend/environment';
import { loadBackend } from '../../engine/backend/load';
import { ownOps } from '../../engine/capture/own-ops';
import { applyPasses, passesFor } from '../../engine/capture/passes';
import { peakMemory } from '../../engine/capture/peak-memory';
import { traceProgram } from '../../engine/capture/tracer';
import { evalSignature, trainSignature } from '../../engine/tasks/signature-names';
import { runSetup, sizesOf } from '../../engine/train/setup';
import type { Program } from '../../engine/types';

export interface StageMemory {
  bandwidth: number;
  batch: number;
  bytes: number;
}

/** Larger batches are not traced (tfjs makes arrays of their size) but extrapolated from this one and its half. */
const LARGEST_TRACED = 64;

type Sizes = readonly { bandwidth: number; batch: number }[];

interface Tracing {
  config: RunConfig;
  classes: number;
  train: Sizes;
  evaluate?: Sizes;
}

/** Returns the bytes of a signature of these sizes by its name; null where there is no engine to trace for. */
function tracedMemory({ config, classes, train, evaluate = [] }: Tracing): ((signature: string) => number) | null {
  applyEngineEnvironment({
    intraOpThreads: config.engine.intra_op_threads,
    interOpThreads: config.engine.inter_op_threads,
  });
  const distinct = [...new Map(train.map((pair) => [trainSignature(pair.bandwidth, pair.batch), pair]))];
  const { program } = runSetup(config, classes, { train: distinct.map(([, pair]) => pair), evaluate });
  const half = config.engine.autocast ? distinct.map(([name]) => name) : [];
  return programMemory(program(), half);
}

/**
 * Returns the bytes of a program's signature by its name; null where there is no engine to trace for.
 * @param half signatures that compute in bfloat16
 */
function programMemory(program: Program, half: readonly string[]): ((signature: string) => number) | null {
  const { tf, backend, engine } = loadBackend();
  if (!backend) return null;
  const own = ownOps(engine, backend.binding);
  const graph = applyPasses(traceProgram(program, tf, backend, { kernels: own.own }), passesFor([...half], own));
  return (signature) => peakMemory(graph, signature).bytes;
}

/** Returns the batches that are traced for a batch: itself, or two smaller ones from which it is extrapolated. */
const tracedFor = (batch: number): number[] =>
  batch > LARGEST_TRACED ? [LARGEST_TRACED / 2, LARGEST_TRACED] : [batch];

/** Estimates each distinct size and batch of the plan; empty where there is no engine to trace for. */
export function estimateMemory(config: RunConfig, classes: number, plan: Plan): StageMemory[] {
  const sizes = sizesOf(config, plan.stages);
  const parts = config.optimizer.grad_accum_steps;
  const train = sizes.train.flatMap(({ bandwidth, batch }) =>
    tracedFor(batch).map((side) => ({ bandwidth, batch: side })),
  );
  const bytesOf = tracedMemory({ config, classes, train });
  if (!bytesOf) return [];
  const bytesAt = (bandwidth: number, batch: number): number => {
    const [first, most] = tracedFor(batch).map((size) => bytesOf(trainSignature(bandwidth, size))) as [number, number?];
    return most === undefined ? first : most + ((most - first) / (LARGEST_TRACED / 2)) * (batch - LARGEST_TRACED);
  };
  return sizes.train.map(({ bandwidth, batch }) => ({
    bandwidth,
    batch: batch * parts,
    bytes: bytesAt(bandwidth, batch),
  }));
}

export interface MemoryByBatch {
  /** Bytes that do not depend on the batch: variables, gradients, the optimizer's moments. */
  fixed: number;
  perImage: number;
}

/**
 * Returns a step's or an evaluation's memory as a line over the number of images on the device at once; null where
 * there is no engine to trace for.
 */
export function memoryByBatch(
  config: RunConfig,
  classes: number,
  kind: 'train' | 'evaluate',
  bandwidth: number,
): MemoryByBatch | null {
  const [small, large] = [4, 16];
  const sizes = [small, large].map((batch) => ({ bandwidth, batch }));
  // Training variables exist while an evaluation runs, too.
  const train = kind === 'train' ? sizes : [{ bandwidth: config.size, batch: small }];
  const bytesOf = tracedMemory({ config, classes, train, evaluate: kind === 'train' ? [] : sizes });
  if (!bytesOf) return null;
  const nameOf = (batch: number): string =>
    kind === 'train' ? trainSignature(bandwidth, batch) : evalSignature(bandwidth, batch, 'raw');
  return lineThrough([small, bytesOf(nameOf(small))], [large, bytesOf(nameOf(large))]);
}

function lineThrough(
  [small, less]: readonly [number, number],
  [large, more]: readonly [number, number],
): MemoryByBatch {
  const perImage = (more - less) / (large - small);
  return { fixed: less - small * perImage, perImage };
}

/**
 * Does the same for the only signature of a program that trains nothing. @param programOf returns the program for a
 * number of images
 */
export function inferenceMemory(programOf: (batch: number) => Program): MemoryByBatch | null {
  const bytes = (batch: number): number | null => {
    const program = programOf(batch);
    return programMemory(program, [])?.(Object.keys(program.signatures)[0] ?? '') ?? null;
  };
  const [small, large] = [4, 16];
  const [less, more] = [bytes(small), bytes(large)];
  return less === null || more === null ? null : lineThrough([small, less], [large, more]);
}
