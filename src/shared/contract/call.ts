import type { z } from 'zod';

/** One call of the contract: its arguments and its result, both parsed at the border. */
export interface Call<A extends z.ZodType = z.ZodType, R extends z.ZodType = z.ZodType> {
  args: A;
  result: R;
}

export const call = <A extends z.ZodType, R extends z.ZodType>(args: A, result: R): Call<A, R> => ({ args, result });
