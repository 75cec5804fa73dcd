export default {
  settings: '表格的读取方式',
  path_column: '路径列',
  path_column_hint: '列名或列号',
  label_column: '标签列',
  label_column_hint: '列名或列号',
  split_column: '划分列',
  split_column_hint: '列名、列号或 none',
  val_value: '表示验证集的取值',
  val_value_hint: '其余均为训练集',
  encoding: '编码',
  encoding_auto: '自动识别',
  read: '按此读取',
};
