import { nextOfAlgorithm1 } from './algorithm-1';
import { nextOfAlgorithm2 } from './algorithm-2';
import type { Known, Next, Problem } from './problem';

/** Returns the next trials, and what is chosen so far. Pure: equal knowledge gives equal answers. */
export const nextTrials = (problem: Problem, known: Known): Next =>
  problem.algorithm === 1 ? nextOfAlgorithm1(problem, known) : nextOfAlgorithm2(problem, known);
