import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { it } from 'vitest';
import { openProgram } from '../../../src/main/engine/capture/open';
import { classifyProgram, initialState, trainSignature } from '../../../src/main/engine/tasks/classify';
import casesJson from '../../golden/models/cases.json';
import { createModel, programOptions, trainInputs, weightsOf, type Case } from '../../golden/models/cases';
import '../../support/engine';
it('chaos', () => {
  const example = (casesJson as unknown as Case[])[0]!;
  const model = createModel(example);
  for (const lr of [5e-2, 1e-2]) {
  const run = { ...example.runs[1]! }; run.lrs = run.lrs.map((v) => v * lr / 5e-2);
  const options = programOptions(example, model, run);
  const { executor } = openProgram({ build: () => classifyProgram(options), key: [example.id, run], cacheFolder: mkdtempSync(join(tmpdir(), 'golden-')) });
  const go = (scale: number) => {
    const w = weightsOf(model);
    w['conv1.weight'] = w['conv1.weight']!.map((v) => v * scale);
    executor.write(initialState(options, 0, w));
    return example.stages.flatMap(({ bandwidth, steps }) => Array<number>(steps).fill(bandwidth)).map((b, step) => { const o = executor.run(trainSignature(b, example.batch), trainInputs(example, model, run, step, b)); return [o['loss']![0]!, o['grad_norm']![0]!]; });
  };
  const a = go(1), b = go(1 + 2e-7);
  console.log(lr, Math.max(...a.map((v, i) => Math.abs(v[0]! / b[i]![0]! - 1))), Math.max(...a.map((v, i) => Math.abs(v[1]! / b[i]![1]! - 1))));
  }
});
