export default {
  draft: 'Draft',
  not_started: 'Not started',
  queued: 'Queued',
  preparing: 'Preparing',
  running: 'Running',
  pausing: 'Pausing',
  paused: 'Paused',
  completed: 'Completed',
  failed: 'Failed',
  stopping: 'Stopping',
  stopped: 'Stopped',
  interrupted: 'Interrupted',
};
