/** A checkpoint of a large model and its spool need some of it: with less free, bytes, a run may end on a full disk. */
export const LITTLE_DISK = 2e9;
