/** Three stages: a batch of 128 with a fresh quarter, one of 64 with a fresh half, and one without replay. */
const STAGES = [
  { bandwidth: 16, magnitude: 0, share: 0.3, batch: 128, replay_times: 4 },
  { bandwidth: 24, magnitude: 4, share: 0.4, batch: 64, replay_times: 2 },
  { bandwidth: 32, magnitude: 9, share: 0.3, batch: 64 },
];
/** The buffer holds 68 images of 32 px, so that images leave it. */
export const REPLAYING = [
  `schedule.stages=${JSON.stringify(STAGES)}`,
  'replay.buffer_mb=0.2',
  ...['data.mixup=0.8', 'data.cutmix=1', 'data.reprob=0.25', 'ema.decay=0.99'],
];
