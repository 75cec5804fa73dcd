/**
 * This Chromium sees a scheme of the program's own as an https origin: app://studio/x is https://studio.app.double/x.
 */
const OWN = /^https:\/\/([^/?#]*)\.([^./?#]+)\.double(?=[/?#]|$)/;
const BROWSERS = ['http:', 'https:', 'data:', 'blob:', 'about:', 'file:', 'javascript:'];

export function toBrowser(url: string): string {
  const { protocol } = new URL(url);
  return BROWSERS.includes(protocol) ? url : url.replace(/^([^:]+):\/\/([^/?#]*)/, 'https://$2.$1.double');
}

export const toProgram = (url: string): string => url.replace(OWN, '$2://$1');
