/**
 * Finds photographs that are beside the repository on the developers' machines and are no part of it. Tests that need
 * them say so and are skipped elsewhere; every file that imports this one also runs in `.ci/run` where the photographs
 * are (see .ci/run).
 */
import { existsSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '../../../shared/data');

/** Reason why tests on them are skipped, or null. */
export const sharedDataMissing: string | null = existsSync(root) ? null : '../shared/data is not there';

/** Returns a path of the photographs. @param path below ../shared/data, as `flowers/val` */
export const sharedData = (path: string): string => join(root, path);
