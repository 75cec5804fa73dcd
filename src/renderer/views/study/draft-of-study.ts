/**
 * Makes a schedule from the points where the curves of a frequency study leave the unfiltered one: up to there the
 * frequencies within the radius are enough. Pure.
 */
import { draftBodySchema, type DraftBody } from '../../../shared/contract/drafts';
import type { FrequencyStudy } from '../../../shared/contract/studies';
import { FULL_MAGNITUDE } from '../../../shared/curriculum/preset';
import { nearestValid, type SizeRule } from '../../../shared/curriculum/size-rule';
import { cost } from '../../../shared/curriculum/stages';
import type { StageConfig } from '../../../shared/run-config';

/**
 * Returns stages with shares of passes; a radius of r periods fills a bandwidth of 2r px. Null where no curve leaves
 * the unfiltered one.
 */
export function stagesOfStudy({ curves, size }: FrequencyStudy, rule: SizeRule): StageConfig[] | null {
  const stage = (bandwidth: number, share: number): StageConfig => ({
    ...{ bandwidth, share, magnitude: FULL_MAGNITUDE, magnitude_end: null, batch: null, replay_times: 1 },
  });
  const stages: StageConfig[] = [];
  let done = 0;
  for (const { radius, leaves } of curves) {
    if (radius === null || leaves === null || leaves.progress <= done) continue;
    stages.push(stage(nearestValid(Math.min(2 * radius, size), size, rule), leaves.progress - done));
    done = leaves.progress;
  }
  if (!stages.length) return null;
  return done < 1 ? [...stages, stage(size, 1 - done)] : stages;
}

/** Makes a draft with as many passes as the study's runs have made. */
export function draftOfStudy(study: FrequencyStudy, rule: SizeRule): DraftBody | null {
  const stages = stagesOfStudy(study, rule);
  if (!stages) return null;
  const { dataset, model, size, equivalent_epochs: epochs } = study;
  return draftBodySchema.parse({
    ...{ dataset, model, size, stages, preset: 'constant', share_of: 'epochs', reference_epochs: epochs },
    equivalent_epochs: stages.reduce((sum, { share, bandwidth }) => sum + share * epochs * cost(bandwidth, size), 0),
  });
}
