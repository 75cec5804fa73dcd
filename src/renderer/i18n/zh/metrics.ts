export default {
  val_top1: '验证 top-1',
  val_top5: '验证 top-5',
  val_loss: '验证损失',
  val_knn_top1: '验证 k-NN top-1',
  train_top1: '训练 top-1',
  train_top5: '训练 top-5',
  train_loss: '训练损失',
  train_knn_top1: '训练 k-NN top-1',
  /** Used where one column has runs of several tasks. */
  best: '最佳',
  best_of: '最佳{name}',
  /** Used before a value that the column's head does not name. */
  loss: '损失',
  ema: '{name}（EMA）',
  stage: '阶段尺寸下的{name}',
  throughput: '吞吐量',
  lr: '学习率',
  grad_norm: '梯度范数',
  compute_ms: '每步设备用时',
  loader_wait_ms: '每步等待数据加载',
  memory_mb: '内存',
};
