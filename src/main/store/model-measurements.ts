/** The table `model_measurements`: what a training step of a model takes here. */
import type { ModelMeasurement } from '../../shared/contract/models';
import type { Store } from './open';

/** A row of `model_measurements`: the flag is 0 or 1. */
interface Row extends Omit<ModelMeasurement, 'beside_training'> {
  beside_training: number;
}

/** In place of an earlier measurement of the same. @param machine what names this machine (measuring-machine.ts) */
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

/** Of one machine: a data folder may move to another. */
export const measurementsOn = (store: Store, machine: string): ModelMeasurement[] =>
  store
    .prepare<[string], Row>(
      `SELECT model, size, batch, measured, images_per_second, memory_bytes, beside_training
        FROM model_measurements WHERE machine = ? ORDER BY model, size, batch`,
    )
    .all(machine)
    .map((row) => ({ ...row, beside_training: row.beside_training === 1 }));
