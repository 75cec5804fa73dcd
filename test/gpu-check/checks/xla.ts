import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { subjects, type Check } from '../check';
import { gainOf, gainWords, type Gain } from '../gains';
import { COMPILED_BY_XLA } from '../../../src/main/engine/backend/session-config';

/**
 * Measures the gain of compiling steps by XLA. Where it can't compile, the program loses nothing, because it doesn't
 * use XLA.
 */
export const check: Check = {
  id: 'xla',
  run: async ({ quick, gpus, start, folder }) => {
    const config = join(folder, 'xla.pb');
    writeFileSync(config, COMPILED_BY_XLA);
    // On the processor TensorFlow needs this flag, too.
    const flags: Record<string, string> = gpus.length ? {} : { TF_XLA_FLAGS: '--tf_xla_cpu_global_jit' };
    const environment = { TENSORFLOW_SESSION_CONFIG: config, ...flags };
    const gains: Record<string, Gain> = {};
    for (const subject of subjects(quick).map((each) => ({ ...each, autocast: gpus.length > 0 }))) {
      const [plain, compiled] = [await start('gpu', subject), await start('gpu', subject, environment)];
      try {
        gains[subject.model] = await gainOf(plain, compiled, quick ? 1 : 5, quick ? 2 : 10);
      } catch (error) {
        const why = (error as Error).message.split('\n')[0] ?? '';
        return { state: 'skipped', text: `XLA can't compile a step of ${subject.model} here: ${why}`, figures: gains };
      } finally {
        await Promise.all([plain.close(), compiled.close()]);
      }
    }
    return { state: 'good', text: `A step compiled by XLA: ${gainWords(gains)}.`, figures: gains };
  },
};
