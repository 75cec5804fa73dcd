import type en from '../en/filter';

export default {
  none: '未滤波',
  low_pass: '低通',
  high_pass: '高通',
  low_pass_of: '低通，半径 {radius}',
  high_pass_of: '高通，半径 {radius}',
  picture: '数据集中的一张图像：{filter}',
} satisfies typeof en;
