import { machineFields } from '../../../shared/schedule-editor/draft-config';
import type { StudyRequest, StudySpec } from '../../../shared/contract/studies';
import { AppError } from '../../../shared/errors';
import { isLive } from '../../../shared/run-state';
import { findDataset } from '../../store/datasets';
import { reconcileRuns, runById } from '../../store/runs';
import {
  findStudy,
  isWorkedOn,
  removeStudy,
  setStudyOutcome,
  storedStudies,
  studyById,
  type StoredStudy,
} from '../../store/studies';
import type { CallContext, Handlers } from '../core/context';

async function specOf({ store, settings }: CallContext, request: StudyRequest): Promise<StudySpec> {
  const { checkpointsSpec, frequencySpec } = await import('../study/new-study');
  return request.kind === 'checkpoints'
    ? checkpointsSpec(store, request)
    : frequencySpec({ dataset: findDataset(store, request.dataset), request, machine: machineFields(settings.get()) });
}

/** Continues a study. Runs are queued; checkpoints are measured by a process of their own. */
async function goOn({ home, store, scheduler }: CallContext, study: StoredStudy): Promise<void> {
  const { isFrequency } = await import('../study/details');
  const { queueStudy } = await import('../study/ask-study');
  if (isWorkedOn(study)) return;
  if (isFrequency(study)) {
    queueStudy(store, study);
    scheduler.look();
  } else {
    const { startWorker } = await import('../processes/worker-process');
    setStudyOutcome(store, study.id, null);
    startWorker('studier', home, study.id, false);
  }
}

export const handlers: Handlers<'studies'> = {
  'studies.list': async ({ store }) => {
    const { studySummary } = await import('../study/details');
    reconcileRuns(store);
    return storedStudies(store).map((study) => studySummary(store, study));
  },
  'studies.get': async ({ store }, { study }) => {
    const { studyDetails } = await import('../study/details');
    reconcileRuns(store);
    return studyDetails(store, findStudy(store, study));
  },
  'studies.estimate': async (context, { request }) => {
    const spec = await specOf(context, request);
    const { store, home } = context;
    if (spec.kind === 'checkpoints') {
      const { checkpointSteps } = await import('../study/checkpoint-steps');
      const size = runById(store, spec.run)?.config.size ?? 0;
      return { size, radii: spec.radii, parts: checkpointSteps(home, spec.run).length, epochs: null, hours: null };
    }
    const { searchHours } = await import('../search/search-hours');
    const { trainCount } = await import('../runs/configs');
    const { base, radii, seeds } = spec;
    const parts = (radii.length + 1) * seeds;
    const epochs = parts * base.schedule.equivalent_epochs;
    const hours = searchHours(store, { base }, epochs, trainCount(findDataset(store, base.dataset)));
    return { size: base.size, radii, parts, epochs, hours };
  },
  'studies.start': async (context, { request }) => {
    const { openStudy } = await import('../study/new-study');
    const id = openStudy(context.store, await specOf(context, request));
    await goOn(context, studyById(context.store, id) as StoredStudy);
    return { study: id };
  },
  'studies.stop': async ({ store, scheduler }, { study }) => {
    const { stopStudy } = await import('../study/ask-study');
    reconcileRuns(store);
    stopStudy(store, findStudy(store, study), (run) => scheduler.ask(run, 'stop'));
    return null;
  },
  'studies.resume': async (context, { study: reference }) => {
    const { refuseUnlessResumable } = await import('../study/ask-study');
    reconcileRuns(context.store);
    const study = findStudy(context.store, reference);
    refuseUnlessResumable(context.store, study);
    await goOn(context, study);
    return null;
  },
  'studies.remove': async ({ store }, { study: reference }) => {
    const { studySummary } = await import('../study/details');
    reconcileRuns(store);
    const study = findStudy(store, reference);
    const { state } = studySummary(store, study);
    if (isLive(state) || state === 'queued')
      throw new AppError({
        code: 'bad_state',
        what: `Study ${study.id} can't be removed.`,
        why: `It is ${state}.`,
        next: 'Stop it first.',
      });
    removeStudy(store, study.id);
    return null;
  },
};
