/**
 * Rule for the sides of images that a model takes, as plain data: the editor checks a size by it without building the
 * model.
 */
import { z } from 'zod';
import { AppError } from '../errors';

/**
 * Why a side has to be a multiple of `step`: images are cut into `patches` of that side, `windows` are a fixed part of
 * each stage's map, or the `strides` would otherwise leave a remainder. `any` takes every side; multiples of `step` are
 * those that leave no remainder, so presets and the editor's ticks keep to them.
 */
export const sizeRuleSchema = z.object({
  kind: z.enum(['any', 'patches', 'windows', 'strides']),
  step: z.int().positive(),
  /** Smallest side in px. */
  min: z.int().positive(),
});

export type SizeRule = z.output<typeof sizeRuleSchema>;

/** The rule where no model is chosen yet. */
export const EVERY_SIZE: SizeRule = { kind: 'any', step: 1, min: 1 };

/** A size that a model does not take. */
export interface SizeRefusal {
  code: Exclude<SizeRule['kind'], 'any'> | 'smaller' | 'not_whole';
  /** The rule's step or its smallest side in px, depending on the code. */
  limit: number;
  /** One sentence that says what the model requires. */
  why: string;
}

const REASONS: Record<SizeRule['kind'], (step: number) => string> = {
  any: () => 'every size is taken',
  patches: (step) => `images are cut into patches of ${step} px`,
  windows: (step) => `windows follow the size of each stage's map, and the last map has one pixel for every ${step} px`,
  strides: (step) => `strides reduce ${step} px to one`,
};

/** Returns why the model's sizes are multiples of the rule's step, as a part of a sentence. */
export const reasonText = ({ kind, step }: SizeRule): string => REASONS[kind](step);

/** Says in a sentence what sizes the model takes. */
export function sizeRuleText(rule: SizeRule): string {
  const { kind, step, min } = rule;
  if (kind === 'any') return `It takes every size from ${min} px.`;
  return `Its sizes are multiples of ${step} px${min > step ? ` from ${min} px` : ''}, because ${reasonText(rule)}.`;
}

/** Returns why a size is refused. @returns null where the model takes images of this side */
export function refusalOf(rule: SizeRule, size: number): SizeRefusal | null {
  const { kind, step, min } = rule;
  if (!Number.isInteger(size)) return { code: 'not_whole', limit: 1, why: 'A size is a whole number of pixels.' };
  if (kind !== 'any' && size % step) return { code: kind, limit: step, why: sizeRuleText(rule) };
  if (size < min) return { code: 'smaller', limit: min, why: `The smallest size that it takes is ${min} px.` };
  return null;
}

/** Returns the smallest multiple of the rule's step that the model takes. */
const firstOf = ({ step, min }: SizeRule): number => Math.ceil(min / step) * step;

/**
 * Returns the multiples of the rule's step that the model takes, smallest first, at most `largest` px. With a rule that
 * takes every size, `largest` is one of them whether or not it is a multiple.
 */
export function validSizes(largest: number, rule: SizeRule): number[] {
  const { kind, step, min } = rule;
  const first = firstOf(rule);
  const sizes = Array.from(
    { length: Math.max(Math.floor((largest - first) / step) + 1, 0) },
    (_, index) => first + index * step,
  );
  return kind === 'any' && largest >= min && sizes.at(-1) !== largest ? [...sizes, largest] : sizes;
}

/**
 * Returns the nearest of `validSizes`, rounded half up, so that a preset's sizes lose no pixels. Where `largest` is
 * below the model's smallest size, it is that one.
 */
export function nearestValid(size: number, largest: number, rule: SizeRule): number {
  const { kind, step, min } = rule;
  const first = firstOf(rule);
  const last = Math.max(Math.floor(largest / step) * step, first);
  const rounded = Math.min(Math.max(Math.floor(size / step + 0.5) * step, first), last);
  const isOwn = kind === 'any' && largest >= min && Math.abs(largest - size) <= Math.abs(rounded - size);
  return isOwn ? largest : rounded;
}

/**
 * Returns the valid sizes on both sides of one, the nearer first: the size itself where it is valid, one where there is
 * none below or above.
 *
 * @param largest the run's final size; sizes above it are not proposed
 */
export function nearestSizes(rule: SizeRule, size: number, largest = Number.POSITIVE_INFINITY): number[] {
  const step = rule.kind === 'any' ? 1 : rule.step;
  const first = Math.ceil(rule.min / step) * step;
  const last = Math.max(largest === Number.POSITIVE_INFINITY ? largest : Math.floor(largest / step) * step, first);
  const within = (side: number): number => Math.min(Math.max(side, first), last);
  const [below, above] = [within(Math.floor(size / step) * step), within(Math.ceil(size / step) * step)];
  return below === above ? [below] : above - size <= size - below ? [above, below] : [below, above];
}

/** Formats sizes as "96 px", or "96 or 112 px", smallest first. */
export const sizesText = (sizes: readonly number[]): string => `${sizes.toSorted((a, b) => a - b).join(' or ')} px`;

/**
 * Checks a size.
 * @param model named in the message @throws AppError invalid_config where the model does not take images of this side
 */
export function checkSize(model: string, rule: SizeRule, size: number): void {
  const refusal = refusalOf(rule, size);
  if (!refusal) return;
  const nearest = nearestSizes(rule, size);
  throw new AppError({
    code: 'invalid_config',
    what: `${model} can't take images of ${size} px.`,
    why: refusal.why,
    next: `Choose a size of ${sizesText(nearest)}.`,
    action: { id: 'use_size', values: { size: nearest[0] as number } },
  });
}
