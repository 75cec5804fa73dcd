/** k-NN accuracy of a network's features: images of one split classified by their neighbours in another. */
import type { EvalLoader } from '../data/loader/eval-loader';
import type { Meter } from '../tasks/evaluation';
import { evaluate } from './evaluate';
import type { Executor } from '../types';
import { FeatureBlocks, type FeatureBlock } from '../inference/feature-blocks';
import { NearestNeighbours } from '../inference/knn';
import { BANK_ROWS, QUERY_ROWS, similarities } from '../inference/similarities';

export interface KnnEvaluation {
  /** Of a program that has the signature of similarities, too. */
  executor: Executor;
  /** Name of the signature that gives the features. */
  signature: string;
  /** Numbers in the features of an image. */
  dim: number;
  classes: number;
  k: number;
  /** Images whose neighbours are looked for. */
  queries: EvalLoader;
  /** Labelled images that vote. */
  bank: EvalLoader;
  /** Asked before every batch: true gives it up. */
  stop: () => boolean;
  /** After every batch: images of both whose features are made. */
  onProgress?: (images: number) => void;
}

export interface KnnResult {
  /** Share of the queries whose own class has the most votes; NaN without any. */
  top1: number;
  /** Labelled images that could be read. */
  queries: number;
  bank: number;
}

/** Reads nothing but the features. */
const featureMeter = (signature: string, blocks: FeatureBlocks, onImages: (images: number) => void): Meter => ({
  signature,
  inputs: ({ images }) => ({ images }),
  add: ({ features }, { labels }) => {
    blocks.add(features as Float32Array, labels);
    onImages(labels.length);
  },
  result: () => ({ count: 0, nonFinite: 0, figures: {}, details: [] }),
});

/**
 * The features of the queries are kept, 4 * dim bytes an image; those of the bank pass by in blocks.
 * @returns null where it was given up
 */
export async function evaluateKnn(options: KnnEvaluation): Promise<KnnResult | null> {
  const { executor, signature, dim, classes, k, stop, onProgress = () => undefined } = options;
  let images = 0;
  const pass = async (loader: EvalLoader, rows: number, onBlock: (block: FeatureBlock) => void): Promise<boolean> => {
    const blocks = new FeatureBlocks(rows, dim, onBlock);
    const meter = featureMeter(signature, blocks, (count) => onProgress((images += count)));
    const whole = await evaluate([meter], { executor, loader, stop });
    if (whole) blocks.finish();
    return whole;
  };
  const asked: (FeatureBlock & { neighbours: NearestNeighbours })[] = [];
  const keep = (block: FeatureBlock): void => {
    asked.push({ ...block, neighbours: new NearestNeighbours(block.labels.length, k) });
  };
  let bank = 0;
  const vote = ({ features, labels }: FeatureBlock): void => {
    bank += labels.length;
    for (const query of asked)
      query.neighbours.add(similarities(executor, query.features, features), BANK_ROWS, labels);
  };
  if (!(await pass(options.queries, QUERY_ROWS, keep)) || !(await pass(options.bank, BANK_ROWS, vote))) return null;
  const right = asked.map(({ neighbours, labels }) => {
    const predictions = neighbours.predictions(classes);
    return labels.reduce((sum, label, index) => sum + Number(label === predictions[index]), 0);
  });
  const queries = asked.reduce((sum, { labels }) => sum + labels.length, 0);
  return { top1: right.reduce((sum, count) => sum + count, 0) / queries, queries, bank };
}
