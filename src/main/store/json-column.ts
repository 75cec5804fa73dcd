/**
 * Parses a column that holds JSON. Only this program writes such columns, each through one function with a typed
 * argument, so the type is that of what was written and is not checked again.
 */
export function fromJson<T>(text: string): T;
export function fromJson<T>(text: string | null): T | null;
export function fromJson<T>(text: string | null): T | null {
  return text === null ? null : (JSON.parse(text) as T);
}
