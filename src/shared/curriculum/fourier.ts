/** Discrete Fourier transform of any length in float64: radix 2 where it can be, else Bluestein's chirp (1970). */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

/** In place, for a power of two. `sign` -1: forward, +1: inverse without the 1 / n. */
function radix2({ re, im }: Complex, sign: 1 | -1): void {
  const n = re.length;
  for (let i = 1, j = 0; i < n; i++) {
    let bit = n >> 1;
    for (; j & bit; bit >>= 1) j ^= bit;
    j ^= bit;
    if (i < j) {
      [re[i], re[j]] = [re[j] as number, re[i] as number];
      [im[i], im[j]] = [im[j] as number, im[i] as number];
    }
  }
  for (let length = 2; length <= n; length <<= 1) {
    const half = length >> 1;
    for (let k = 0; k < half; k++) {
      const angle = (sign * 2 * Math.PI * k) / length;
      const [c, s] = [Math.cos(angle), Math.sin(angle)];
      for (let a = k; a < n; a += length) {
        const b = a + half;
        const [x, y] = [(re[b] as number) * c - (im[b] as number) * s, (re[b] as number) * s + (im[b] as number) * c];
        re[b] = (re[a] as number) - x;
        im[b] = (im[a] as number) - y;
        re[a] = (re[a] as number) + x;
        im[a] = (im[a] as number) + y;
      }
    }
  }
}

/** A transform of one length, with what it needs worked out once. */
export function dft(n: number, sign: 1 | -1): (values: Complex) => void {
  if ((n & (n - 1)) === 0) return (values) => radix2(values, sign);
  const m = 2 ** Math.ceil(Math.log2(2 * n - 1));
  const chirp = { re: new Float64Array(n), im: new Float64Array(n) };
  const kernel = { re: new Float64Array(m), im: new Float64Array(m) };
  for (let k = 0; k < n; k++) {
    // k^2 modulo 2 n keeps the angle small, and so exact.
    const angle = (sign * Math.PI * ((k * k) % (2 * n))) / n;
    chirp.re[k] = Math.cos(angle);
    chirp.im[k] = Math.sin(angle);
    for (const at of [k, (m - k) % m]) {
      kernel.re[at] = Math.cos(angle);
      kernel.im[at] = -Math.sin(angle);
    }
  }
  radix2(kernel, -1);
  const work = { re: new Float64Array(m), im: new Float64Array(m) };
  return ({ re, im }) => {
    work.re.fill(0);
    work.im.fill(0);
    for (let k = 0; k < n; k++) multiply(work, k, re[k] as number, im[k] as number, chirp.re[k] as number, chirp.im[k] as number);
    radix2(work, -1);
    for (let k = 0; k < m; k++) multiply(work, k, work.re[k] as number, work.im[k] as number, kernel.re[k] as number, kernel.im[k] as number);
    radix2(work, 1);
    const out = { re, im };
    for (let k = 0; k < n; k++) multiply(out, k, (work.re[k] as number) / m, (work.im[k] as number) / m, chirp.re[k] as number, chirp.im[k] as number);
  };
}

function multiply(out: Complex, at: number, a: number, b: number, c: number, d: number): void {
  out.re[at] = a * c - b * d;
  out.im[at] = a * d + b * c;
}

/** Rows, then columns, of a [height, width] plane, in place. */
export function dft2({ re, im }: Complex, height: number, width: number, sign: 1 | -1): void {
  const along = dft(width, sign);
  for (let row = 0; row < height; row++) along({ re: re.subarray(row * width, (row + 1) * width), im: im.subarray(row * width, (row + 1) * width) });
  const down = dft(height, sign);
  const column = { re: new Float64Array(height), im: new Float64Array(height) };
  for (let x = 0; x < width; x++) {
    for (let y = 0; y < height; y++) [column.re[y], column.im[y]] = [re[y * width + x] as number, im[y * width + x] as number];
    down(column);
    for (let y = 0; y < height; y++) [re[y * width + x], im[y * width + x]] = [column.re[y] as number, column.im[y] as number];
  }
}
