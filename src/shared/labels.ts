/** Numbers that replace a label. Labels themselves count from 0. */

/** The label of an image of a dataset without classes: in the store, in a loader's table and in its batches. */
export const UNLABELLED = -1;

/** The label of a row without an image in a batch of an evaluation: padding, or a file that could not be read. */
export const NO_IMAGE = -2;

/** Name of such a dataset's images in its counts: `{train: {unlabelled: 12}}`. Its list of classes is empty. */
export const NO_CLASS = 'unlabelled';

/** Says whether the images of a dataset have no labels. A dataset that has some has a class. */
export const isUnlabelled = ({ classes }: { classes: readonly string[] }): boolean => classes.length === 0;
