/**
 * Errors that a user sees: a stable code for scripts, and three sentences: what happened, why, and what to do next.
 * Everything that crosses a process or reaches the command line is one of these; anything else is a defect and is
 * shown as code `internal` with its stack.
 */
export const ERROR_CODES = [
  'usage', // the command line or a call is malformed
  'invalid_config', // a field of the run's configuration is unknown or out of range
  'invalid_stage', // a stage's size, batch or share does not fit the model
  'not_found', // run, dataset, model, preset, file
  'ambiguous', // a prefix or a name fits more than one
  'bad_state', // the run is not in a state that allows this
  'bad_image',
  'bad_dataset', // nothing in it can be trained, or it does not fit the run
  'dataset_changed',
  'dataset_missing',
  'weights_mismatch',
  'non_finite', // NaN or Inf in the loss
  'checkpoint_invalid',
  'engine_unavailable',
  'engine_failed',
  'store_newer',
  'store_locked',
  'store_damaged',
  'store_readonly',
  'disk_full',
  'io',
  'export_exists', // an export exists where one is to be written; it is replaced only on request
  'parity_failed',
  'trainer_lost',
  'interrupted',
  'internal',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** Next steps that the window words itself. */
export const ACTION_IDS = [
  'doctor',
  'other_folder',
  'replace_export',
  'move_file',
  'export_folder',
  'evaluate_first',
  'choose_model',
  'choose_preset',
  'choose_dataset',
  'choose_run',
  'resume_run',
  'check_dataset',
  'locate_dataset',
  'locate_files',
  'restore_files',
  'remove_anyway',
  'table_encoding',
  'table_encoding_of',
  'table_columns',
  'table_columns_or_unlabelled',
  'table_label_column',
  'table_split_column',
  'table_val_value',
  'table_val_value_or_none',
  'correct_size',
  'correct_epochs',
  'use_size',
  'nearest_batch',
  'more_steps',
  'update_program',
  'writable_home',
  'free_space',
  'check_home',
  'one_machine',
  'export_encoder',
  'other_weights',
  'raw_weights',
  'train_classifier',
  'best_checkpoint',
  'choose_weights',
  'fewer_at_once',
  'say_layout',
  'import_unlabelled',
  'import_table',
  'allowed_folder',
  'draw_splits',
  'name_label_column',
  'larger_val_share',
  'correct_table',
  'set_by_stage',
  'timm_names',
  'no_init_key',
  'candidates',
  'trial_log',
  'smaller_search',
] as const;

export type ActionId = (typeof ACTION_IDS)[number];

/**
 * The next step where the user types no command: the window says it in its own words and language (i18n,
 * errors.action_*).
 */
export interface ErrorAction {
  id: ActionId;
  /** Values that its sentence names. */
  values?: Record<string, string | number> | undefined;
}

export interface ErrorData {
  code: ErrorCode;
  what: string;
  why: string;
  /** Next step for the command line: it may name commands and flags. Where it does, `action` says it for the window. */
  next: string;
  action?: ErrorAction | undefined;
}

export class AppError extends Error {
  readonly code: ErrorCode;
  readonly why: string;
  readonly next: string;
  readonly action: ErrorAction | undefined;

  constructor({ code, what, why, next, action }: ErrorData, options?: ErrorOptions) {
    super(what, options);
    this.name = 'AppError';
    this.code = code;
    this.why = why;
    this.next = next;
    this.action = action;
  }

  get data(): ErrorData {
    const { code, message: what, why, next, action } = this;
    return { code, what, why, next, ...(action ? { action } : {}) };
  }
}

/** Returns any thrown value as data; an error that is not an AppError keeps its message and gets the code internal. */
export function errorData(error: unknown): ErrorData {
  if (error instanceof AppError) return error.data;
  const message = error instanceof Error ? error.message : String(error);
  const why = error instanceof Error && error.stack ? error.stack : 'There are no further details.';
  return { code: 'internal', what: message, why, next: 'This is a defect. Report it with the lines above.' };
}
