/**
 * Adds a revision to each run: each change of a row gets the next number of a count that never decreases, whichever
 * process writes. A list of thousands is read once; while one run trains, only its row is read.
 */
export const migration = {
  version: 8,
  name: 'run-revisions',
  sql: `
    CREATE TABLE revisions (one INTEGER PRIMARY KEY CHECK (one = 1), last INTEGER NOT NULL, removed INTEGER NOT NULL);
    INSERT INTO revisions (one, last, removed) VALUES (1, 0, 0);
    ALTER TABLE runs ADD COLUMN revision INTEGER NOT NULL DEFAULT 0;
    CREATE INDEX runs_by_revision ON runs (revision);
    CREATE TRIGGER run_added AFTER INSERT ON runs BEGIN
      UPDATE revisions SET last = last + 1;
      UPDATE runs SET revision = (SELECT last FROM revisions) WHERE id = new.id;
    END;
    CREATE TRIGGER run_changed AFTER UPDATE ON runs WHEN new.revision = old.revision BEGIN
      UPDATE revisions SET last = last + 1;
      UPDATE runs SET revision = (SELECT last FROM revisions) WHERE id = new.id;
    END;
    CREATE TRIGGER run_removed AFTER DELETE ON runs BEGIN
      UPDATE revisions SET last = last + 1, removed = last + 1;
    END;
    CREATE TRIGGER dataset_renamed AFTER UPDATE OF name ON datasets BEGIN
      UPDATE revisions SET last = last + 1;
      UPDATE runs SET revision = (SELECT last FROM revisions) WHERE dataset_id = new.id;
    END;
    CREATE TRIGGER dataset_removed AFTER DELETE ON datasets BEGIN
      UPDATE revisions SET last = last + 1;
      UPDATE runs SET revision = (SELECT last FROM revisions) WHERE dataset_id = old.id;
    END;
  `,
};
