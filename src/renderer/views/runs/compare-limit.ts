/** As many runs as one comparison takes (the contract's own limit). */
export const MOST_COMPARED = 50;
