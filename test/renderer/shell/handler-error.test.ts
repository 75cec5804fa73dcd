import { describe, expect, it } from 'vitest';
import { isHandlerError } from '../../../src/renderer/shell/handler-error';

describe('an error that Vue reports', () => {
  it.each([
    'native event handler',
    'component event handler',
    ...[5, 6].map((code) => `https://vuejs.org/error-reference/#runtime-${code}`),
  ])('of a handler leaves the screen: %s', (info) => expect(isHandlerError(info)).toBe(true));
  it.each([
    'render function',
    'setup function',
    'scheduler flush',
    ...[0, 1, 14, 15, 50].map((code) => `https://vuejs.org/error-reference/#runtime-${code}`),
  ])('of drawing replaces it: %s', (info) => expect(isHandlerError(info)).toBe(false));
});
