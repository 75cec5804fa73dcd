/** Speeds of earlier runs of this data folder, from the table `stages`. */
import { bottleneckOf } from '../../shared/bottleneck';
import type { RunSpeed } from '../../shared/contract/models';
import type { Plan } from '../../shared/curriculum/plan';
import type { Rate } from '../../shared/schedule-editor/estimate';
import { fromJson } from './json-column';
import type { Store } from './open';

/** Least number of steps in a stage for a rate, because its first steps also build kernels and fill the loader. */
const LEAST_STEPS = 20;

interface Row {
  plan: string;
  stage: number;
  seconds: number;
  images: number;
}

interface TimedRow extends Row {
  compute_seconds: number;
  /** Seconds in which the device waited for images. */
  loader_seconds: number;
  images_decoded: number;
}

/** Where steps have waited for the loader, the time from step to step is that of loading a batch. */
function perImage(took: Omit<TimedRow, 'plan' | 'stage'>): Pick<Rate, 'seconds' | 'load'> {
  const { seconds, loader_seconds, images, images_decoded } = took;
  if (bottleneckOf([took], 1, 1)?.by !== 'loader') return { seconds: seconds / images, load: 0 };
  return { seconds: Math.max(seconds - loader_seconds, 0) / images, load: seconds / images_decoded };
}

/** Returns what an image takes at each size and batch, of the newest run that has trained there. */
export function ratesOf(store: Store, model: string): Rate[] {
  const rows = store
    .prepare<[string, number], TimedRow>(
      `SELECT runs.plan, stages.stage, stages.seconds, stages.compute_seconds, stages.loader_seconds, stages.images,
          coalesce(stages.images_decoded, stages.images) AS images_decoded FROM stages JOIN runs ON runs.id = stages.run_id
        WHERE runs.model = ? AND stages.steps_done >= ? AND stages.images > 0 ORDER BY runs.created DESC LIMIT 400`,
    )
    .all(model, LEAST_STEPS);
  const rates = new Map<string, Rate>();
  for (const { plan, stage, ...took } of rows) {
    const planned = fromJson<Plan>(plan).stages[stage];
    if (!planned) continue;
    const { bandwidth, batch } = planned;
    const key = `${bandwidth} ${batch}`;
    if (!rates.has(key)) rates.set(key, { bandwidth, batch, ...perImage(took) });
  }
  return [...rates.values()];
}

interface NamedRow extends Row {
  model: string;
  run: string;
  name: string;
}

/** Images a second of every model at each size and batch, of the newest run that has trained there. */
export function runSpeeds(store: Store): RunSpeed[] {
  const rows = store
    .prepare<[number], NamedRow>(
      `SELECT runs.id AS run, runs.name, runs.model, runs.plan, stages.stage, stages.seconds, stages.images
        FROM stages JOIN runs ON runs.id = stages.run_id
        WHERE stages.steps_done >= ? AND stages.images > 0 AND stages.seconds > 0 AND runs.trashed IS NULL
        ORDER BY runs.created DESC LIMIT 2000`,
    )
    .all(LEAST_STEPS);
  const speeds = new Map<string, RunSpeed>();
  for (const { run, name, model, plan, stage, seconds, images } of rows) {
    const planned = fromJson<Plan>(plan).stages[stage];
    if (!planned) continue;
    const { bandwidth: size, batch } = planned;
    const key = `${model} ${size} ${batch}`;
    if (!speeds.has(key)) speeds.set(key, { model, size, batch, run, name, images_per_second: images / seconds });
  }
  return [...speeds.values()];
}
