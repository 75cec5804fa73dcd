/** Where the window's own files live. */
export const SCHEME = 'app';
export const ORIGIN = `${SCHEME}://studio`;
export const START_URL = `${ORIGIN}/index.html`;

/** Whether a page of this address is ours. Addresses are parsed: `app://studio.evil` begins like ours too. */
export function isOwn(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, host } = new URL(url);
  return `${protocol}//${host}` === ORIGIN;
}

/** A call is answered only to the window's own page: never to a frame in it, nor to a page that came from elsewhere. */
export const isOwnFrame = (frame: { url: string; parent: unknown } | null): boolean =>
  frame !== null && frame.parent === null && isOwn(frame.url);
