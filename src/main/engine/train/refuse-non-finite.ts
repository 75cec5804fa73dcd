import { AppError } from '../../../shared/errors';

/** @param step that gave the quantities, from 1  @throws AppError non_finite naming the first that is no finite number */
export function refuseNonFinite(quantities: Record<string, number>, step: number): void {
  const found = Object.entries(quantities).find(([, value]) => !Number.isFinite(value));
  if (!found) return;
  throw new AppError({
    code: 'non_finite',
    what: `${found[0]} is ${found[1]} at step ${step}.`,
    why: 'Training has diverged; usually the learning rate is too high or clipping is off.',
    next: 'Checkpoints saved before it are kept. Lower optimizer.base_lr or set optimizer.clip_grad_norm, and start a new run.',
  });
}
