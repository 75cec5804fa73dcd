import { loadBackend, loadBinding } from '../backend/load';
import { locateEngine } from '../backend/locate';
import { COMPILED_BY_XLA, withSessionConfig } from '../backend/session-config';
import type { Executor, Program } from '../types';
import { codeVersion } from './code-version';
import { findGraph, graphKey, removeTemporary, storeGraph, type CachedGraph } from './cache';
import { EagerExecutor } from './eager';
import { encodeSavedModel } from './encode';
import { ownOps } from './own-ops';
import { applyPasses, passesFor, type OwnProducts } from './passes';
import { CapturedExecutor } from './session';
import { releaseGarbage } from './release-garbage';
import { traceVersions } from './trace-versions';
import { traceProgram } from './tracer';

export interface OpenOptions {
  /** Makes the program. It is called only when no cached graph fits the key, or without libtensorflow. */
  build: () => Program;
  /** Everything that decides the graph, as JSON: model and options, sizes, batches, recipe constants. */
  key: unknown;
  cacheFolder: string;
  /** Signatures whose products are computed in bfloat16. Without capture none is. */
  autocast?: readonly string[];
  /**
   * Whether XLA compiles what it can. It applies on a GPU only, because on the processor XLA is slower for these
   * models.
   */
  xla?: boolean;
}

export interface Opened {
  executor: Executor;
  /** Whether the graph came from the cache. */
  cached: boolean;
  /** Milliseconds of tracing (0 from the cache) and of opening the session. */
  traceMs: number;
  openMs: number;
}

/** Opens the program on the best engine available: captured in a session, or eagerly on tfjs's CPU backend. */
export function openProgram({ build, key, cacheFolder, autocast = [], xla = false }: OpenOptions): Opened {
  const engine = locateEngine();
  if (engine.kind === 'tfjs-cpu')
    return { executor: new EagerExecutor(build(), loadBackend()), cached: false, traceMs: 0, openMs: 0 };
  const binding = loadBinding();
  const own = ownOps(engine, binding);
  const versions = { code: codeVersion(), tensorflow: binding.TF_Version, tfjs: traceVersions() };
  const name = graphKey({ key, autocast, own, ...versions });
  const started = performance.now();
  const found = findGraph(cacheFolder, name);
  const graph = found ?? captureTo(cacheFolder, name, build(), { own, autocast });
  const traced = performance.now();
  const open = (): Executor => new CapturedExecutor(binding, graph.folder, graph.manifest);
  const executor = xla && binding.isUsingGpuDevice() ? withSessionConfig(COMPILED_BY_XLA, open) : open();
  removeTemporary(graph);
  return {
    executor,
    cached: found !== null,
    traceMs: found ? 0 : traced - started,
    openMs: performance.now() - traced,
  };
}

function captureTo(
  cacheFolder: string,
  name: string,
  program: Program,
  { own, autocast }: { own: OwnProducts; autocast: readonly string[] },
): CachedGraph {
  const { tf, backend } = loadBackend();
  if (!backend) throw new Error('a trace needs the TensorFlow backend');
  const { nodes, signatures, variables } = applyPasses(
    traceProgram(program, tf, backend, { kernels: own.own ?? false }),
    passesFor(autocast, own),
  );
  const stored = storeGraph(cacheFolder, name, encodeSavedModel({ nodes, signatures }), { signatures, variables });
  releaseGarbage();
  return stored;
}
