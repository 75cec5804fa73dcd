/**
 * Discrete Fourier transform of any length in float64: Stockham's self-sorting factors (Cochran et al., 1967) where all
 * prime factors are small, else Bluestein's chirp (1970). Several interleaved signals are transformed at once, because
 * the columns of an image are stored interleaved.
 */
export interface Complex {
  re: Float64Array;
  im: Float64Array;
}

type Sign = 1 | -1;
/** Transforms [length, batch] in place. */
export type Transform = (values: Complex) => void;

/** Above this, a prime factor costs more by its definition than by the chirp. */
const LARGEST_FACTOR = 13;

/** Returns `length` complex zeros. */
export const complex = (length: number): Complex => ({ re: new Float64Array(length), im: new Float64Array(length) });

function factorsOf(length: number): number[] | null {
  const factors: number[] = [];
  let rest = length;
  for (const prime of [4, 2, 3, 5, 7, 11, LARGEST_FACTOR]) {
    for (; rest % prime === 0; rest /= prime) factors.push(prime);
  }
  return rest === 1 ? factors : null;
}

/** Returns exp(sign 2 pi i k / length) for all k. */
function roots(length: number, sign: Sign): Complex {
  const angle = (k: number): number => (sign * 2 * Math.PI * k) / length;
  return {
    re: Float64Array.from({ length }, (_, k) => Math.cos(angle(k))),
    im: Float64Array.from({ length }, (_, k) => Math.sin(angle(k))),
  };
}

/**
 * One factor: `length` = factor * m values of `stride` signals each go from `x` to `y`, split into m-long transforms.
 */
interface Pass {
  x: Complex;
  y: Complex;
  length: number;
  stride: number;
  factor: number;
  sign: Sign;
  twiddles: Complex;
}

function pass4({ x, y, length, stride, sign, twiddles }: Pass): void {
  const m = length / 4;
  const step = twiddles.re.length / length;
  const [xr, xi, yr, yi] = [x.re, x.im, y.re, y.im];
  const across = m * stride;
  for (let q = 0; q < m; q++) {
    const [c1, s1] = [twiddles.re[q * step] as number, twiddles.im[q * step] as number];
    const [c2, s2] = [twiddles.re[2 * q * step] as number, twiddles.im[2 * q * step] as number];
    const [c3, s3] = [twiddles.re[3 * q * step] as number, twiddles.im[3 * q * step] as number];
    for (let r = 0; r < stride; r++) {
      const from = r + stride * q;
      const to = r + stride * 4 * q;
      const ar = xr[from] as number,
        ai = xi[from] as number;
      const br = xr[from + across] as number,
        bi = xi[from + across] as number;
      const cr = xr[from + 2 * across] as number,
        ci = xi[from + 2 * across] as number;
      const dr = xr[from + 3 * across] as number,
        di = xi[from + 3 * across] as number;
      const pr = ar + cr,
        pi = ai + ci,
        mr = ar - cr,
        mi = ai - ci;
      const tr = br + dr,
        ti = bi + di;
      // sign * i * (b - d)
      const ur = -sign * (bi - di),
        ui = sign * (br - dr);
      yr[to] = pr + tr;
      yi[to] = pi + ti;
      const er = mr + ur,
        ei = mi + ui,
        fr = pr - tr,
        fi = pi - ti,
        gr = mr - ur,
        gi = mi - ui;
      yr[to + stride] = er * c1 - ei * s1;
      yi[to + stride] = er * s1 + ei * c1;
      yr[to + 2 * stride] = fr * c2 - fi * s2;
      yi[to + 2 * stride] = fr * s2 + fi * c2;
      yr[to + 3 * stride] = gr * c3 - gi * s3;
      yi[to + 3 * stride] = gr * s3 + gi * c3;
    }
  }
}

function passAny({ x, y, length, stride, factor, sign, twiddles }: Pass): void {
  const m = length / factor;
  const step = twiddles.re.length / length;
  const unit = roots(factor, sign);
  const [ar, ai] = [new Float64Array(factor), new Float64Array(factor)];
  for (let q = 0; q < m; q++) {
    for (let r = 0; r < stride; r++) {
      for (let j = 0; j < factor; j++) {
        ar[j] = x.re[r + stride * (q + m * j)] as number;
        ai[j] = x.im[r + stride * (q + m * j)] as number;
      }
      for (let k = 0; k < factor; k++) {
        let sr = 0;
        let si = 0;
        for (let j = 0, at = 0; j < factor; j++, at = at + k < factor ? at + k : at + k - factor) {
          const c = unit.re[at] as number,
            s = unit.im[at] as number;
          sr += (ar[j] as number) * c - (ai[j] as number) * s;
          si += (ar[j] as number) * s + (ai[j] as number) * c;
        }
        const c = twiddles.re[q * k * step] as number,
          s = twiddles.im[q * k * step] as number;
        const to = r + stride * (factor * q + k);
        y.re[to] = sr * c - si * s;
        y.im[to] = sr * s + si * c;
      }
    }
  }
}

function byFactors(length: number, factors: readonly number[], sign: Sign, batch: number): Transform {
  const twiddles = roots(length, sign);
  const scratch = complex(length * batch);
  return (values) => {
    let [x, y] = [values, scratch];
    let left = length;
    let stride = batch;
    for (const factor of factors) {
      (factor === 4 ? pass4 : passAny)({ x, y, length: left, stride, factor, sign, twiddles });
      left /= factor;
      stride *= factor;
      [x, y] = [y, x];
    }
    if (x === values) return;
    values.re.set(x.re);
    values.im.set(x.im);
  };
}

function multiplyRow(out: Complex, from: Complex, row: number, batch: number, c: number, s: number): void {
  for (let at = row * batch; at < (row + 1) * batch; at++) {
    const re = from.re[at] as number,
      im = from.im[at] as number;
    out.re[at] = re * c - im * s;
    out.im[at] = re * s + im * c;
  }
}

function byChirp(length: number, sign: Sign, batch: number): Transform {
  const padded = 2 ** Math.ceil(Math.log2(2 * length - 1));
  const powers = factorsOf(padded) as number[];
  // k^2 modulo 2 n keeps the angle small, and so exact.
  const angles = Float64Array.from({ length }, (_, k) => (sign * Math.PI * ((k * k) % (2 * length))) / length);
  const kernel = complex(padded);
  angles.forEach((angle, k) => {
    for (const at of [k, (padded - k) % padded])
      [kernel.re[at], kernel.im[at]] = [Math.cos(angle) / padded, -Math.sin(angle) / padded];
  });
  byFactors(padded, powers, -1, 1)(kernel);
  const [forward, backward] = [byFactors(padded, powers, -1, batch), byFactors(padded, powers, 1, batch)];
  const work = complex(padded * batch);
  return (values) => {
    work.re.fill(0);
    work.im.fill(0);
    angles.forEach((angle, k) => multiplyRow(work, values, k, batch, Math.cos(angle), Math.sin(angle)));
    forward(work);
    for (let k = 0; k < padded; k++) multiplyRow(work, work, k, batch, kernel.re[k] as number, kernel.im[k] as number);
    backward(work);
    angles.forEach((angle, k) => multiplyRow(values, work, k, batch, Math.cos(angle), Math.sin(angle)));
  };
}

/**
 * Returns the transform of `batch` interleaved signals [length, batch], in place. `sign` -1: forward, +1: inverse
 * without the 1 / length.
 */
export function transformOf(length: number, sign: Sign, batch = 1): Transform {
  const factors = factorsOf(length);
  return factors ? byFactors(length, factors, sign, batch) : byChirp(length, sign, batch);
}
