import { checkSize } from '../../../src/shared/curriculum/size-rule';
import { modelEntry } from '../../../src/main/engine/models';

/** Checks that there is the model, and that it takes the size. @throws AppError not_found, invalid_config */
export const checkCase = (model: string, bandwidth: number): void =>
  checkSize(model, modelEntry(model).sizes, bandwidth);
