const isSurrogate = (unit: number): boolean => unit >= 0xd800 && unit < 0xe000;

/**
 * Compares two texts by code points, as Python's sorted() and therefore PyTorch's ImageFolder do. JavaScript's own `<`
 * compares UTF-16 units, which puts a character beyond the basic plane before one from U+E000 to U+FFFF.
 */
export function byCodePoint(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x === y) continue;
    return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;
}
