/**
 * Logits of every full-size model agree with those of PyTorch and timm, for one image at the final size and at an early
 * stage's. This covers models whose training step doesn't fit into this machine's memory, too; models.full.test.ts
 * compares whole steps of the others. PYTHON_WITH_TORCH=/path/to/python names a Python with torch==2.13.0, timm,
 * transformers and numpy. ViT-H takes 8 GiB.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, it } from 'vitest';
import { openNetwork } from '../../../src/main/engine/inference/network';
import { modelEntry } from '../../../src/main/engine/models';
import { fromTimm } from '../../../src/main/engine/weights/layout';
import { nearestValid } from '../../../src/shared/curriculum/size-rule';
import { allCases } from '../../golden/models/all-cases';
import { createModel, type Case, type CaseResult } from '../../golden/models/cases';
import { expectClose } from '../../golden/models/expect-close';
import * as formula from '../../golden/models/formula';
import { engineMissing } from '../../support/engine';

const python = process.env['PYTHON_WITH_TORCH'];
const script = join(import.meta.dirname, '../../golden/models/reference.py');
const reason = python ? engineMissing : 'PYTHON_WITH_TORCH names no Python with torch and timm';
if (reason) console.log(`logits.full.test.ts is skipped: ${reason}`);

const [SIZE, EARLY] = [224, 96];
const PREPROCESSING = {
  ...{ crop_pct: 1, interpolation: 'bicubic' as const },
  ...{
    mean: [0.485, 0.456, 0.406] as [number, number, number],
    std: [0.229, 0.224, 0.225] as [number, number, number],
  },
};

/** `npm test` compares the micro models. */
const cases = allCases.filter(({ batch }) => !batch);

/** Parameters are written one by one, so that not all of them are in memory twice. */
function* weightsOf(example: Case): Iterable<readonly [string, Float32Array]> {
  for (const spec of createModel(example).params)
    yield [spec.name, fromTimm(spec, formula.weight(spec, example.opened ?? {}))];
}

describe.skipIf(reason)('logits against PyTorch', () => {
  let folder = '';
  beforeAll(() => (folder = mkdtempSync(join(tmpdir(), 'logits-'))));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  it.each(cases)('$id', (full) => {
    const { sizes } = modelEntry(full.id);
    const options = { num_classes: 1000, img_size: SIZE, drop_path_rate: 0, drop_rate: 0 };
    const example = { ...full, options, batch: 1, forward_sizes: [SIZE, nearestValid(EARLY, SIZE, sizes)] };
    const [input, output] = [join(folder, 'cases.json'), join(folder, 'golden.json')];
    writeFileSync(input, JSON.stringify([{ ...example, forward_only: true }]));
    execFileSync(python!, [script, input, output], { stdio: 'inherit' });
    const golden = JSON.parse(readFileSync(output, 'utf8')) as { cases: Record<string, Pick<CaseResult, 'forward'>> };
    const model = createModel(example);
    const networks = example.forward_sizes.map((size) => {
      const network = { model, preprocessing: { ...PREPROCESSING, size }, batch: 1 };
      return { size, ...openNetwork(network, folder) };
    });
    // The weights are made once for both sizes, because that takes longest.
    for (const weight of weightsOf(example)) for (const { executor } of networks) executor.write([weight]);
    for (const { size, executor, logits } of networks) {
      const found = logits(formula.images('forward', 1, size), 1);
      executor.dispose();
      expectClose(found, golden.cases[example.id]!.forward[size]!, 1e-4, `logits at ${size} px`);
    }
  });
});
