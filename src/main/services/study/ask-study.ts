/** Starts, stops and resumes studies, for the window and for the command line. */
import type { FrequencySpec } from '../../../shared/contract/studies';
import { AppError } from '../../../shared/errors';
import { isLive } from '../../../shared/run-state';
import type { Store } from '../../store/open';
import { orderQueue } from '../../store/run-marks';
import { requestRun, stopWaiting, type Run } from '../../store/runs';
import { isWorkedOn, requestStudyStop, setStudyOutcome, studyRuns, type StoredStudy } from '../../store/studies';
import { isFrequency, studyDetails } from './details';
import { queueRuns } from './study-runs';

/** Refuses to resume a study. @throws AppError bad_state where nothing is left to do, or a process works on it */
export function refuseUnlessResumable(store: Store, study: StoredStudy): void {
  const { study: report, progress } = studyDetails(store, study);
  if (progress.resumable) return;
  throw new AppError({
    code: 'bad_state',
    what: `Study ${study.id} can't be resumed.`,
    why: `It is ${report.state}.`,
    next:
      report.state === 'completed'
        ? 'Ask for more radii or seeds, or start another one.'
        : 'Wait for it, or stop it first.',
  });
}

/** Queues the runs that are left; the window's host works the queue off. */
export function queueStudy(store: Store, study: StoredStudy<FrequencySpec>): void {
  setStudyOutcome(store, study.id, null);
  queueRuns(store, study);
}

/**
 * Stops one run of a study; a waiting run leaves the queue. @param tell tells a trainer of this host, which stops at
 * once
 */
function stopRun(store: Store, run: Run, tell: (run: string) => void): void {
  if (isLive(run.state)) {
    if (run.state !== 'stopping') requestRun(store, run, 'stop');
    tell(run.id);
  } else if (run.queue_position === null) return;
  else if (run.state === 'queued') stopWaiting(store, run.id);
  else orderQueue(store, [], [run.id]);
}

/** Stops a study. @throws AppError bad_state where there is nothing to stop */
export function stopStudy(store: Store, study: StoredStudy, tell: (run: string) => void = () => undefined): void {
  const { state } = studyDetails(store, study).study;
  if (!isLive(state) && state !== 'queued' && state !== 'paused')
    throw new AppError({
      code: 'bad_state',
      what: `Study ${study.id} can't be stopped.`,
      why: `It is ${state}.`,
      next:
        state === 'completed'
          ? 'Only one that is under way can be stopped.'
          : `\`efficienttrain study resume ${study.id}\` continues it.`,
    });
  if (isWorkedOn(study)) requestStudyStop(store, study.id);
  else {
    setStudyOutcome(store, study.id, 'stopped');
    if (isFrequency(study)) for (const { run } of studyRuns(store, study.id)) if (run) stopRun(store, run, tell);
  }
}
