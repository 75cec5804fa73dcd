/**
 * Serves the reference, a page with a heading, a button and nothing else, on a free local port with the window's
 * policy. It prints its address.
 */
import { createServer } from 'node:http';

const PAGE =
  '<!doctype html><html lang="en"><title>Empty</title><h1>Empty</h1><button type="button">Button</button></html>';
const server = createServer((_request, response) => {
  response.setHeader('Content-Type', 'text/html; charset=utf-8');
  response.setHeader('Content-Security-Policy', "default-src 'self'");
  response.end(PAGE);
});
server.listen(0, '127.0.0.1', () => console.log(`http://127.0.0.1:${server.address().port}/`));
