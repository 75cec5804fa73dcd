import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

/**
 * Returns the data folder of database, runs and graph cache: `--home`, else EFFICIENTTRAIN_HOME, else the XDG data
 * folder.
 */
export function resolveHome(flag: string | undefined, environment: NodeJS.ProcessEnv = process.env): string {
  const named = flag ?? environment['EFFICIENTTRAIN_HOME'];
  if (named) return resolve(named);
  const data = environment['XDG_DATA_HOME'] || join(homedir(), '.local', 'share');
  return join(data, 'efficienttrain-studio');
}

export const DATABASE_NAME = 'studio.db';
export const databasePath = (home: string): string => join(home, DATABASE_NAME);
export const runFolder = (home: string, runId: string): string => join(home, 'runs', runId);
export const xlaChoiceFolder = (home: string): string => join(home, 'cache', 'xla');
export const graphCacheFolder = (home: string): string => join(home, 'cache', 'graphs');
