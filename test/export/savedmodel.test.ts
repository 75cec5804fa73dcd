/** The written SavedModel accepts any number of images, and contains nothing of the trainer. */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createRequire } from 'node:module';
import { describe, expect, it } from 'vitest';
import { exportFormat } from '../../src/main/engine/export/formats';
import { engineMissing } from '../support/engine';
import { BATCH, cacheFolder, exportInput, randomImages, runLogits, writeExport } from './support';

interface Proto {
  SavedModel: { deserializeBinary: (bytes: Uint8Array) => { toObject: () => SavedModelObject } };
}
interface SavedModelObject {
  metaGraphsList: {
    graphDef: { nodeList: { name: string; op: string; inputList: string[] }[] };
    signatureDefMap: [string, Signature][];
  }[];
}
type Ends = [string, { name: string; dtype: number; tensorShape: { dimList: { size: number }[] } }][];
interface Signature {
  inputsMap: Ends;
  outputsMap: Ends;
}

const describeEnds = (ends: Ends): unknown =>
  ends.map(([key, { dtype, tensorShape }]) => ({ key, dtype, shape: tensorShape.dimList.map(({ size }) => size) }));

describe.skipIf(engineMissing)('savedmodel', () => {
  const { SavedModel } = createRequire(import.meta.url)('@tensorflow/tfjs-node-gpu/dist/proto/api_pb.js') as Proto;

  for (const id of ['resnet_micro', 'deit_micro']) {
    it(`${id}: 1, 3, 4 and 8 images give the same for each image`, () => {
      const input = exportInput(id);
      const images = randomImages(8, 32);
      const expected = runLogits(input, images, 8);
      const { run, dispose } = exportFormat('savedmodel').reload(writeExport('savedmodel', input), {
        cacheFolder,
        batch: BATCH,
      });
      for (const count of [1, 3, 4, 8]) {
        const { outputs: logits, probabilities } = run(images, count);
        expect(logits).toHaveLength(count * 7);
        logits.forEach((value, index) =>
          expect(Math.abs(value - expected[index]!), `${count} images, ${index}`).toBeLessThan(1e-5),
        );
        for (let row = 0; row < count; row++)
          expect(probabilities!.subarray(row * 7, (row + 1) * 7).reduce((sum, value) => sum + value, 0)).toBeCloseTo(
            1,
            5,
          );
      }
      dispose();
    });

    it(`${id}: one signature, uint8 images of any number to probabilities; no variable, placeholder or logit beside`, () => {
      const folder = writeExport('savedmodel', exportInput(id));
      const { metaGraphsList } = SavedModel.deserializeBinary(readFileSync(join(folder, 'saved_model.pb'))).toObject();
      expect(metaGraphsList).toHaveLength(1);
      const [{ graphDef, signatureDefMap }] = metaGraphsList as [SavedModelObject['metaGraphsList'][number]];
      expect(
        signatureDefMap.map(([name, { inputsMap, outputsMap }]) => [
          name,
          describeEnds(inputsMap),
          describeEnds(outputsMap),
        ]),
      ).toEqual([
        [
          'serving_default',
          [{ key: 'images', dtype: 4, shape: [-1, 32, 32, 3] }],
          [{ key: 'probabilities', dtype: 1, shape: [-1, 7] }],
        ],
      ]);
      const ops = graphDef.nodeList.map(({ op }) => op);
      expect(ops.filter((op) => op === 'Placeholder')).toHaveLength(1);
      expect(ops.filter((op) => /Variable|VarHandle|Assign|DeepCopy|Random/.test(op))).toEqual([]);
    });
  }

  it('names its classes', () => {
    const folder = writeExport('savedmodel', exportInput('resnet_micro', 3));
    expect(JSON.parse(readFileSync(join(folder, 'labels.json'), 'utf8'))).toEqual(['class 0', 'class 1', 'class 2']);
  });
});
