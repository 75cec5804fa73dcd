/**
 * The run that a first start offers, in the window and as `efficienttrain start`: it is small enough to learn in
 * minutes.
 */
import { draftBodySchema, type DraftBody } from './contract/drafts';

export const SAMPLE_RUN = {
  model: 'resnet_micro',
  preset: 'efficienttrain++',
  size: 64,
  equivalent_epochs: 16,
} as const;

export const sampleDraft = (dataset: string): DraftBody => {
  const { model, preset, size, equivalent_epochs } = SAMPLE_RUN;
  return draftBodySchema.parse({ dataset, model, preset, size, equivalent_epochs });
};
