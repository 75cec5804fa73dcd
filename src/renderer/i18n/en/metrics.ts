export default {
  val_top1: 'Val top-1',
  val_top5: 'Val top-5',
  val_loss: 'Val loss',
  val_knn_top1: 'Val k-NN top-1',
  train_top1: 'Train top-1',
  train_top5: 'Train top-5',
  train_loss: 'Train loss',
  train_knn_top1: 'Train k-NN top-1',
  /** Used where one column has runs of several tasks. */
  best: 'Best',
  best_of: '{name}, best',
  /** Used before a value that the column's head does not name. */
  loss: 'loss',
  ema: '{name}, EMA',
  stage: '{name} at stage size',
  throughput: 'Throughput',
  lr: 'Learning rate',
  grad_norm: 'Gradient norm',
  compute_ms: 'Device time per step',
  loader_wait_ms: 'Loader wait per step',
  memory_mb: 'Memory',
};
