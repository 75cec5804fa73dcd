import type en from '../en/state';

export default {
  draft: '草稿',
  not_started: '未开始',
  queued: '排队中',
  preparing: '准备中',
  running: '训练中',
  pausing: '正在暂停',
  paused: '已暂停',
  completed: '已完成',
  failed: '失败',
  stopping: '正在停止',
  stopped: '已停止',
  interrupted: '已中断',
} satisfies typeof en;
