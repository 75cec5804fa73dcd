/**
 * Removes what TensorFlow prints on stderr while its library loads, whatever TF_CPP_MIN_LOG_LEVEL says. The lines come
 * from static initialisers, before anything can lower absl's level, and the oneDNN line has no switch but that of
 * oneDNN itself. Only these lines are removed; TensorFlow's errors have another text.
 */
const NOISE = [
  /^WARNING: All log messages before absl::InitializeLog\(\) is called are written to STDERR$/,
  /^[I\d].*\b(port|util)\.cc:\d+\] oneDNN custom operations are on\. /,
  /^[I\d].*\bcpu_feature_guard\.cc:\d+\] This TensorFlow binary is optimized /,
  /^To enable the following instructions: .*, in other operations, rebuild TensorFlow with the appropriate compiler flags\.$/,
];

export const isEngineNoise = (line: string): boolean => NOISE.some((pattern) => pattern.test(line));

/** A user who asks TensorFlow for its informational lines wants these too. */
export const wantsEngineNoise = (environment: NodeJS.ProcessEnv = process.env): boolean =>
  ['0', '1'].includes(environment['TF_CPP_MIN_LOG_LEVEL'] ?? '');

/** Removes the noise from a stream of bytes; every other byte passes unchanged. */
export class EngineNoiseFilter {
  private rest = '';

  /** Returns the complete lines so far, without the noise. */
  push(bytes: Buffer): Buffer {
    // latin1 maps each byte to one character, so no byte changes.
    const lines = (this.rest + bytes.toString('latin1')).split('\n');
    this.rest = lines.pop() ?? '';
    return this.kept(lines.map((line) => `${line}\n`));
  }

  /** Returns a last line that has no end-of-line character. */
  end(): Buffer {
    const last = this.rest;
    this.rest = '';
    return this.kept([last]);
  }

  private kept(lines: string[]): Buffer {
    return Buffer.from(lines.filter((line) => !isEngineNoise(line.trimEnd())).join(''), 'latin1');
  }
}

export function withoutEngineNoise(text: string): string {
  return text
    .split('\n')
    .filter((line) => !isEngineNoise(line.trimEnd()))
    .join('\n');
}
