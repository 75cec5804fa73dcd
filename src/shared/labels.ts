/** Numbers that take a label's place. Labels themselves count from 0. */

/** The label of an image of a dataset without classes: in the store, in a loader's table and in its batches. */
export const UNLABELLED = -1;

/** In a batch of an evaluation, the label of a row without an image: padding, or a file that could not be read. */
export const NO_IMAGE = -2;
