import type { RunConfig } from '../../../../shared/run-config';
import { maeSchema } from '../../../../shared/run-config';

export type MaeSettings = NonNullable<RunConfig['mae']>;

/** Returns the `mae` section of a run's configuration, or its defaults where a configuration has none. */
export const maeSettings = (config: Pick<RunConfig, 'mae'> | null): MaeSettings => config?.mae ?? maeSchema.parse({});
