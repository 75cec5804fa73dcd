/** The optimizers by their names in a configuration. To add one, add a file to this folder and a row here. */
import type { RunConfig } from '../../../shared/run-config';
import type { Model } from '../types';
import { adamW } from './adamw';
import { lamb } from './lamb';
import { lars } from './lars';
import { withLayerDecay } from './layer-decay';
import type { Optimizer } from './optimizer';
import { sgd } from './sgd';

export type OptimizerConfig = RunConfig['optimizer'];

const OPTIMIZERS: Record<OptimizerConfig['name'], (config: OptimizerConfig) => Optimizer> = {
  adamw: adamW,
  lamb,
  lars,
  sgd,
};

/** Returns the optimizer that a configuration describes, for the parameters of this model. */
export function createOptimizer(config: OptimizerConfig, model: Pick<Model, 'params' | 'layers'>): Optimizer {
  const optimizer = OPTIMIZERS[config.name](config);
  return config.layer_decay === null ? optimizer : withLayerDecay(optimizer, model, config.layer_decay);
}

/**
 * Returns the part of an optimizer's configuration that decides the graph of a step. All other fields are inputs of the
 * step.
 */
export function optimizerKey({
  name,
  betas,
  eps,
  weight_decay,
  momentum,
  nesterov,
  trust_coefficient,
  layer_decay,
}: OptimizerConfig): unknown {
  return { name, betas, eps, weight_decay, momentum, nesterov, trust_coefficient, layer_decay };
}
