import type en from '../en/time';

export default {
  d: '{d} 天',
  h: '{h} 小时',
  d_h: '{d} 天 {h} 小时',
  h_m: '{h} 小时 {m} 分',
  m: '{m} 分钟',
  m_s: '{m} 分 {s} 秒',
  s: '{s} 秒',
  about: '约 {duration}',
  ago: '{duration}前',
  just_now: '刚刚',
} satisfies typeof en;
