/**
 * The frozen teacher of a run that learns from another network's answers. Its parameters are variables of the run's
 * graph under names of their own; nothing trains them, and no checkpoint holds them.
 */
import type { DistillationConfig, RunConfig } from '../../../../shared/run-config';
import { modelEntry } from '../../models';
import type { Context, Model, ParamSpec, Tensor, TensorInfo } from '../../types';
import { prepared, type Preparation } from '../prepare';

export interface Teacher extends Pick<DistillationConfig, 'kind' | 'alpha' | 'temperature'> {
  model: Model;
  /** Side in pixels of the teacher's input. */
  size: number;
  /** Mean of each channel, of pixels in 0..1. */
  mean: readonly [number, number, number];
  std: readonly [number, number, number];
}

/** Returns the name of the variable that holds a teacher's parameter. */
export const teacherName = (param: string): string => `teacher/${param}`;

/** Returns the variables of a teacher's parameters, buffers included, all float32. */
export const teacherVariables = ({ params }: { params: readonly ParamSpec[] }): Record<string, TensorInfo> =>
  Object.fromEntries(params.map(({ name, shape }) => [teacherName(name), { shape, dtype: 'float32' }]));

/**
 * Returns the teacher of a run. @param classes of the run's dataset @throws where the configuration is not frozen yet
 */
export function teacherOf({ distillation }: RunConfig, classes: number): Teacher | null {
  if (!distillation) return null;
  const { kind, alpha, temperature, model, size, global_pool, mean, std } = distillation;
  if (model === null || size === null || mean === null || std === null)
    throw new Error('the teacher has not been looked up, so its network is not known');
  const pool = global_pool === 'avg' ? { global_pool } : {};
  const options = { num_classes: classes, img_size: size, drop_path_rate: 0, drop_rate: 0, ...pool };
  return { ...{ kind, alpha, temperature, size, mean, std }, model: modelEntry(model).create(options) };
}

/** Returns what decides the teacher's part of a graph: everything but the values of its weights. */
export function teacherKey({ distillation }: RunConfig): unknown {
  if (!distillation) return null;
  const { teacher: _, ...rest } = distillation;
  return rest;
}

/**
 * Computes the teacher's logits float32 [N, classes] of the images of a step. They are at the teacher's own size and
 * normalised for it, and otherwise augmented, erased and mixed as the student sees them.
 * @param step images uint8 [N, size, size, 3], teacher_erase int32 [N, 4], teacher_mix float32 [T, T], noise_seed int32
 * [2]
 */
export function teacherLogits(
  context: Context,
  { model, size, mean, std }: Teacher,
  preparation: Preparation,
  step: Record<'images' | 'teacher_erase' | 'teacher_mix' | 'noise_seed', Tensor>,
): Tensor {
  const { images, teacher_erase: erase, teacher_mix: mix, noise_seed } = step;
  const x = prepared(context, { ...preparation, mean, std }, size, { images, erase, mix, noise_seed });
  return model.forward(context, x, { training: false, param: (name) => context.variable(teacherName(name)) });
}
