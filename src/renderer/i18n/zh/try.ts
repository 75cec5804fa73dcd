import type en from '../en/try';

export default {
  title: '用自己的图片试一试',
  text: '把最多 {most} 张图像拖到这里，或粘贴、选择文件。每张图像会给出概率最高的五个类别。图片只留在本机，也不会保存。',
  choose: '选择图像',
  clear: '清空',
  predictions: '预测结果',
  waiting: '正在等待结果',
  not_asked: '尚未预测',
  unreadable: '无法读取；不能使用文件夹。',
  left_out: '有 {count} 个文件未加入：最多保留 {most} 个。',
  remove: '移除 {name}',
  nothing: '还不能试用',
  nothing_text: '保存检查点之后才能预测：首次评估时，或暂停时。',
} satisfies typeof en;
