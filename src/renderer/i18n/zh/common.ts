import type en from '../en/common';

export default {
  app: 'EfficientTrain Studio',
  cancel: '取消',
  close: '关闭',
  undo: '撤销',
  retry: '重试',
  save: '保存',
  search: '搜索',
  copy: '复制',
  copied: '已复制',
  copy_details: '复制详情',
  show_in_folder: '在文件夹中显示',
  none: '无',
  more: '更多操作',
  loading: '加载中',
  images: '{count} 张图像',
  classes: '{count} 个类别',
  of: '{done} / {total}',
} satisfies typeof en;
