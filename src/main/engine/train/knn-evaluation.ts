/** k-NN accuracy of a network's features: images of one split classified by their neighbours in another. */
import type { EvalLoader } from '../data/loader/eval-loader';
import type { Meter } from '../tasks/evaluation';
import { evaluate } from './evaluate';
import type { Executor } from '../types';
import { FeatureBlocks, type FeatureBlock } from '../inference/feature-blocks';
import { NearestNeighbours } from '../inference/knn';
import { BANK_ROWS, QUERY_ROWS, similarities } from '../inference/similarities';

export interface KnnEvaluation {
  /** Executor of a program that also has the signature of similarities. */
  executor: Executor;
  /** Name of the signature that returns the features. */
  signature: string;
  /** Length of an image's features. */
  dim: number;
  classes: number;
  k: number;
  /** Images to classify by their neighbours. */
  queries: EvalLoader;
  /** Labelled images that vote. */
  bank: EvalLoader;
  /** Called before every batch; true aborts the evaluation. */
  stop: () => boolean;
  /** Called after every batch with the number of images of both splits whose features have been computed. */
  onProgress?: (images: number) => void;
}

export interface KnnResult {
  /** Share of the queries whose own class has the most votes; NaN without any query. */
  top1: number;
  /** Number of labelled images that could be read. */
  queries: number;
  bank: number;
}

/** Reads only the features. */
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
 * Measures k-NN accuracy. It keeps the features of the queries, 4 * dim bytes an image, and streams those of the bank
 * in blocks.
 * @returns null where it was aborted
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
