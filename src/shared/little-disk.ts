/**
 * Free bytes below which a run may end on a full disk: a checkpoint of a large model and its spool need some of them.
 */
export const LITTLE_DISK = 2e9;
