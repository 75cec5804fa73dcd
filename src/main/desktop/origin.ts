/** Address of the window's own files. */
export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://studio`;
export const START_URL = `${ORIGIN}/index.html`;

/**
 * Says whether a page of this address is ours. Addresses are parsed, because `app://studio.evil` begins like ours too.
 */
export function isOwn(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === ORIGIN;
}

/** Says whether a call comes from the window's own page: never a frame in it, nor a page from elsewhere. */
export const isOwnFrame = (frame: { url: string; parent: unknown } | null): boolean =>
  frame !== null && frame.parent === null && isOwn(frame.url);
