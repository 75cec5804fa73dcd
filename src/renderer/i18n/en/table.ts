export default {
  settings: 'How the table is read',
  path_column: 'Column of the paths',
  path_column_hint: 'name or number',
  label_column: 'Column of the labels',
  label_column_hint: 'name or number',
  split_column: 'Column of the split',
  split_column_hint: 'name, number or none',
  val_value: 'Its value for validation',
  val_value_hint: 'all others are training',
  encoding: 'Encoding',
  encoding_auto: 'Automatic',
  read: 'Read it like this',
};
