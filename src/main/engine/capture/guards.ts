import type { Binding, NodeBackend } from '../backend/node-backend';

/** Returns the first line of the caller's own code in a stack, in neither capture nor a package. */
export function placeOf(stack: string | undefined): string {
  const lines = (stack ?? '').split('\n').slice(1);
  const own = lines.find(
    (line) => !/node_modules|main[/\\]engine[/\\]capture[/\\]|node:internal|<anonymous>/.test(line),
  );
  return own?.trim() ?? 'an unknown place';
}

/** Makes an error of a trace that says where in the step it happened. */
export function traceError(signature: string, what: string, remedy: string): Error {
  // tfjs puts many calls of its own above the step's line in the stack.
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 100;
  const error = new Error();
  Error.stackTraceLimit = stackTraceLimit;
  error.message = `captured step "${signature}": ${what} (${placeOf(error.stack)}). ${remedy}`;
  return error;
}

const FROZEN = 'Its value would be drawn once and frozen into the graph: make it an input.';

/**
 * Puts the recorder in the addon's place and makes clocks and random numbers throw. Returns a function that undoes it.
 */
export function guardHost(signature: string, backend: NodeBackend, recorder: Binding): () => void {
  const { binding } = backend;
  const { random } = Math;
  const { now } = Date;
  const performanceNow = performance.now.bind(performance);
  const refuse = (what: string) => () => {
    throw traceError(signature, `${what} was called`, FROZEN);
  };
  backend.binding = recorder;
  Math.random = refuse('Math.random');
  Date.now = refuse('Date.now');
  // tfjs reads the clock around kernels when it profiles, through its own reference.
  performance.now = refuse('performance.now');
  return () => {
    backend.binding = binding;
    Math.random = random;
    Date.now = now;
    performance.now = performanceNow;
  };
}
