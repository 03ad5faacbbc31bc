/** Uniforms in (0, 1) from a 32-bit generator (mulberry32): enough for pictures, the same on every machine. */
export function uniforms(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

/** Standard normals (Box and Muller). */
export function normals(seed: number): () => number {
  const uniform = uniforms(seed);
  return () => Math.sqrt(-2 * Math.log(uniform())) * Math.cos(2 * Math.PI * uniform());
}

/** n pairs of a Gaussian with standard deviations sx, sy and correlation rho. */
export function gaussianPairs(
  seed: number,
  n: number,
  sx: number,
  sy: number,
  rho: number,
): [Float64Array, Float64Array] {
  const normal = normals(seed);
  const [xs, ys] = [new Float64Array(n), new Float64Array(n)];
  for (let i = 0; i < n; i++) {
    const [a, b] = [normal(), normal()];
    xs[i] = sx * a;
    ys[i] = sy * (rho * a + Math.sqrt(1 - rho * rho) * b);
  }
  return [xs, ys];
}

/** Draws as a table [n, d] of independent normals with the given means. */
export function gaussianTable(seed: number, n: number, means: readonly number[], sd = 0.1) {
  const normal = normals(seed);
  const d = means.length;
  return {
    shape: [n, d],
    data: Float64Array.from({ length: n * d }, (_, k) => means[k % d] + sd * normal()),
  };
}
