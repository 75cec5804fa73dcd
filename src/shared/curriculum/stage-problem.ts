import type { SizeRefusal } from './size-rule';

/** The problem of a stage, and the nearest valid value. */
export interface StageProblem {
  stage: number;
  field: 'bandwidth' | 'batch' | 'magnitude' | 'share';
  /** The message's code and facts, for languages other than this program's. */
  code: 'larger' | SizeRefusal['code'] | 'not_split' | 'not_replayed' | 'shrinks' | 'open_end' | 'sum';
  facts: Record<string, number>;
  message: string;
  nearest: number | null;
  /** The valid sizes on both sides of the stage's, smallest first; empty where its size is not what is wrong. */
  sizes: readonly number[];
}
