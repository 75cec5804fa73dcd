/** Errors that tests expect, with their sentences. */
import { AppError } from '../../src/shared/errors';

/** Returns the error with which `act` is refused; throws where it is not, or fails otherwise. */
export function refusalOf(act: () => unknown): AppError {
  try {
    act();
  } catch (error) {
    if (error instanceof AppError) return error;
    throw error;
  }
  throw new Error('nothing was refused');
}

/** Returns the error with which the promise is refused; throws where it is not, or fails otherwise. */
export async function rejectionOf(promise: Promise<unknown>): Promise<AppError> {
  const outcome: unknown = await promise.catch((error: unknown) => {
    if (error instanceof AppError) return error;
    throw error;
  });
  if (outcome instanceof AppError) return outcome;
  throw new Error(`nothing was refused: ${JSON.stringify(outcome)}`);
}
