/** Recognises the window's own requests: by Host against rebound names, by Origin against other pages. */
import type { IncomingMessage } from 'node:http';

/** The port may be any, because the browser's may differ from ours through a tunnel. */
const LOOPBACK = /^(127\.0\.0\.1|localhost)(:\d{1,5})?$/;

export const hostAllowed = ({ headers: { host } }: IncomingMessage): boolean =>
  host !== undefined && LOOPBACK.test(host);

const isOwn = ({ headers: { host, origin } }: IncomingMessage): boolean => origin === `http://${host}`;

/** A browser leaves Origin out of requests for the page and its files. */
export const originAllowed = (request: IncomingMessage): boolean =>
  request.headers.origin === undefined || isOwn(request);

/** Sockets always have an Origin, and a page of another site could open them too. */
export const socketOriginAllowed = isOwn;
