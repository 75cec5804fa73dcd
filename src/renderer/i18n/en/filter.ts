export default {
  none: 'Unfiltered',
  low_pass: 'Low-pass',
  high_pass: 'High-pass',
  low_pass_of: 'Low-pass, radius {radius}',
  high_pass_of: 'High-pass, radius {radius}',
  picture: 'An image of the dataset: {filter}',
};
