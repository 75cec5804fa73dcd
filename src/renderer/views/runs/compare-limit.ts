/** Largest number of runs in one comparison (the contract's own limit). */
export const MOST_COMPARED = 50;
