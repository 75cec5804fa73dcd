/** Reads and writes the table `model_measurements`: time and memory of a model's training step on a machine. */
import type { ModelMeasurement } from '../../shared/contract/models';
import type { Store } from './open';

/** A row of `model_measurements`: the flag is 0 or 1. */
interface Row extends Omit<ModelMeasurement, 'beside_training'> {
  beside_training: number;
}

/**
 * Stores a measurement in place of an earlier one of the same. @param machine the machine's name (measuring-machine.ts)
 */
export function keepMeasurement(store: Store, machine: string, measurement: ModelMeasurement): void {
  const { model, size, batch, measured, images_per_second, memory_bytes, beside_training } = measurement;
  store
    .prepare(
      `INSERT OR REPLACE INTO model_measurements
        (model, size, batch, machine, measured, images_per_second, memory_bytes, beside_training)
        VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
    )
    .run(model, size, batch, machine, measured, images_per_second, memory_bytes, Number(beside_training));
}

/** Returns the measurements of one machine, because a data folder may move to another. */
export const measurementsOn = (store: Store, machine: string): ModelMeasurement[] =>
  store
    .prepare<[string], Row>(
      `SELECT model, size, batch, measured, images_per_second, memory_bytes, beside_training
        FROM model_measurements WHERE machine = ? ORDER BY model, size, batch`,
    )
    .all(machine)
    .map((row) => ({ ...row, beside_training: row.beside_training === 1 }));
