/** The cost of a model's training step on a machine, as measured there. The newest measurement of each is kept. */
export const migration = {
  version: 18,
  name: 'model-measurements',
  sql: `
    CREATE TABLE model_measurements (
      model TEXT NOT NULL,
      size INTEGER NOT NULL,
      batch INTEGER NOT NULL,
      machine TEXT NOT NULL,
      measured TEXT NOT NULL,
      images_per_second REAL,
      memory_bytes REAL NOT NULL,
      beside_training INTEGER NOT NULL,
      PRIMARY KEY (model, size, batch, machine)
    ) STRICT;
  `,
};
