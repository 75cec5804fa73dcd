/** Preprocessing of a decoded image for evaluation. */
import { z } from 'zod';

/** One number per channel: red, green, blue. */
const perChannel = z.tuple([z.number(), z.number(), z.number()]).readonly();

/**
 * The shorter side is resized to floor(`size` / `crop_pct`) pixels, and the centre of `size` x `size` pixels is taken.
 * `mean` and `std` are of pixels in 0..1.
 */
export const preprocessingSchema = z.object({
  size: z.int().min(1),
  crop_pct: z.number(),
  interpolation: z.enum(['bicubic', 'bilinear']),
  mean: perChannel,
  std: perChannel,
});

export type Preprocessing = z.infer<typeof preprocessingSchema>;
