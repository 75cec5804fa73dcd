/**
 * Features and intermediate results of the micro models agree with timm's; test/golden/models/encodings.py computed the
 * numbers.
 */
import { describe, expect, it } from 'vitest';
import { EagerExecutor } from '../../../src/main/engine/capture/eager';
import { openProgram } from '../../../src/main/engine/capture/open';
import { modelEntry } from '../../../src/main/engine/models';
import { isHead } from '../../../src/main/engine/models/is-head';
import type { Model, ModelOptions, Program, Tensor } from '../../../src/main/engine/types';
import { caseOf } from '../../golden/models/all-cases';
import { weightsOf, type Case } from '../../golden/models/cases';
import { expectClose } from '../../golden/models/expect-close';
import * as formula from '../../golden/models/formula';
import { temporaryFolder } from '../../golden/models/temporary-folder';
import { engineMissing, loaded } from '../../support/engine';

interface Encoding {
  id: string;
  global_pool: 'token' | 'avg' | null;
  parameters: [string, number[]][];
  found: Record<string, formula.Summary & { shape: number[] }>;
}

const files = import.meta.glob<Encoding[]>('../../golden/models/encodings/*.json', { eager: true, import: 'default' });
const encodings = Object.values(files)
  .flat()
  .map((encoding) => ({
    ...encoding,
    title: `${encoding.id}${encoding.global_pool ? `, global_pool ${encoding.global_pool}` : ''}`,
  }));
const [MEAN, STD] = [
  [0.485, 0.456, 0.406],
  [0.229, 0.224, 0.225],
];

function modelOf({ id, global_pool }: Encoding, changes: Partial<ModelOptions> = {}): Model {
  const pool = global_pool ? { global_pool } : {};
  return modelEntry(id).create({ ...caseOf(id).options, num_classes: 0, ...pool, ...changes });
}

/**
 * Builds two signatures: `all` returns the features and every intermediate, `alone` only the features, through
 * `forward`.
 */
function programOf(model: Model, { batch, size }: Case): Program {
  const inputs = { x: { shape: [batch, size, size, 3], dtype: 'float32' } } as const;
  return {
    variables: Object.fromEntries(model.params.map(({ name, shape }) => [name, { shape, dtype: 'float32' }])),
    signatures: {
      all: {
        inputs,
        body: (context, { x }) => {
          const options = { training: false, intermediates: model.intermediates };
          const { features, intermediates } = model.encode(context, x as Tensor, options);
          return { features, ...intermediates };
        },
      },
      alone: {
        inputs,
        body: (context, { x }) => ({ features: model.forward(context, x as Tensor, { training: false }) }),
      },
    },
  };
}

const inputsOf = ({ batch, size }: Case): { x: Float32Array } => ({
  x: Float32Array.from(formula.images('forward', batch, size), (v, at) => (v / 255 - MEAN[at % 3]!) / STD[at % 3]!),
});

describe.skipIf(engineMissing).each(encodings)('$title', (encoding) => {
  const example = caseOf(encoding.id);
  const model = modelOf(encoding);

  it("has timm's parameters without a classifier", () => {
    expect(model.params.map(({ name, timmShape }) => [name, [...timmShape]])).toEqual(encoding.parameters);
    const whole = modelOf(encoding, { num_classes: 7 });
    const head = whole.params.slice(model.params.length);
    expect(head.every(({ name }) => isHead(name))).toBe(true);
    expect(head.slice(-2).map(({ timmShape }) => timmShape[0])).toEqual([7, 7]);
    const products = head
      .filter(({ timmShape }) => timmShape.length === 2)
      .map(({ timmShape: [out, width] }) => out! * width!);
    expect(whole.macs(example.size) - model.macs(example.size)).toBe(
      products.reduce((sum, product) => sum + product, 0),
    );
  });

  it.each(['captured', 'eager'] as const)('gives features and every intermediate, %s', (kind) => {
    const program = programOf(model, example);
    const executor =
      kind === 'eager'
        ? new EagerExecutor(program, loaded)
        : openProgram({ build: () => program, key: [encoding.title], cacheFolder: temporaryFolder() }).executor;
    expect(executor.kind).toBe(kind);
    executor.write(weightsOf(example, model));
    const results = executor.run('all', inputsOf(example));
    const { features } = executor.run('alone', inputsOf(example));
    executor.dispose();
    expect(Object.keys(results).sort()).toEqual(Object.keys(encoding.found).sort());
    for (const [name, wanted] of Object.entries(encoding.found)) {
      const values = results[name] as Float32Array;
      expect(values, name).toHaveLength(wanted.shape.reduce((product, length) => product * length, 1));
      const { norm, sample, projections } = formula.summary(name, values, wanted);
      expectClose([norm, ...projections], [wanted.norm, ...wanted.projections], 1e-5 * wanted.norm, name);
      expectClose(sample, wanted.sample, 1e-4, `${name}: elements`);
    }
    expectClose(features!, results['features']!, 1e-6, 'features alone');
  });

  it('names the intermediates where one is unknown', () => {
    const encode = (): unknown =>
      model.encode({} as never, {} as Tensor, { training: false, intermediates: ['layer9'] });
    expect(encode).toThrow(`${encoding.id} has no layer9: its intermediates are ${model.intermediates.join(', ')}`);
  });
});
