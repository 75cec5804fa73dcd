/** Vue's codes of errors in handlers of native and of component events. */
const [NATIVE, COMPONENT] = [5, 6];

/**
 * Says whether Vue reports an error of an event handler, rather than of a setup or a render function.
 * @param info the third argument of onErrorCaptured: words in development, in production an address that ends with the
 *   error's code (vuejs.org/error-reference)
 */
export function isHandlerError(info: string): boolean {
  const code = /#runtime-(\d+)$/.exec(info)?.[1];
  return code === undefined ? info.endsWith('event handler') : [NATIVE, COMPONENT].includes(Number(code));
}
