/** Tests the same as gpu-kernels.test.ts for the larger variants of each family, whose graphs take minutes to trace. */
import { describe } from 'vitest';
import { engineMissing } from '../../support/engine';
import { byFamily, describeGraphs } from '../../support/gpu-graphs';

describe.skipIf(engineMissing)('a GPU has a kernel', () => describeGraphs(byFamily().larger));
