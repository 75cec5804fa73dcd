/** Options for reading a table that does not state them itself. */
import { z } from 'zod';

const text = z.string().max(200).optional();

export const tableReading = z.strictObject({
  /** Name of an encoding. */
  encoding: text,
  /** Names of columns, or their numbers from 1. */
  path_column: text,
  label_column: text,
  /** `none`: the table has no split. */
  split_column: text,
  /** Rows with this value in the split column are the validation split, all others train. */
  val_value: text,
});

export type TableReading = z.infer<typeof tableReading>;
