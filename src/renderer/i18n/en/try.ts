export default {
  title: 'Try it on your pictures',
  text: 'Drop up to {most} images here, paste one, or choose files. Each gets the five most probable classes. The pictures stay on this machine and are not kept.',
  choose: 'Choose images',
  clear: 'Clear',
  predictions: 'Predictions',
  waiting: 'Waiting for the run’s answer',
  not_asked: 'Not asked',
  unreadable: 'It can’t be read; a folder can’t be tried.',
  left_out:
    '{count} file was left out: {most} at most are kept. | {count} files were left out: {most} at most are kept.',
  remove: 'Remove {name}',
  nothing: 'Nothing to try yet',
  nothing_text: 'A run answers once it has saved a checkpoint: at its first evaluation, or when it is paused.',
};
