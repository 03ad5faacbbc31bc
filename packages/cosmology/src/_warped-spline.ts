/**
 * A cubic spline over ln k whose nodes are equispaced in a warped coordinate t(ln k), dense where baryon oscillations need it:
 * dt/dln k = base + (peak - base) (1 + v^2)^(-3/2), v = (ln k - centre) / width. Integrals over ln k by the trapezoid rule in t
 * converge geometrically, and a node is found without a search.
 */
export interface WarpedGrid {
  readonly logK: Float64Array;
  /** Trapezoid weights dln k. */
  readonly weights: Float64Array;
  readonly minLogK: number;
  readonly maxLogK: number;
  readonly numNodes: number;
  /** dt/dln k far from the centre, what the centre adds to t, and t of the first node. */
  readonly base: number;
  readonly extra: number;
  readonly origin: number;
  readonly centre: number;
  readonly width: number;
}

export interface WarpedGridOptions {
  readonly minLogK: number;
  readonly maxLogK: number;
  readonly baseSpacing: number;
  readonly peakSpacing: number;
  readonly centre: number;
  readonly width: number;
}

export function createWarpedGrid(options: WarpedGridOptions): WarpedGrid {
  const { minLogK, baseSpacing, peakSpacing, centre, width } = options;
  const base = 1 / baseSpacing;
  const extra = (1 / peakSpacing - base) * width;
  const warp = (logK: number) => {
    const v = (logK - centre) / width;
    return base * logK + (extra * v) / Math.sqrt(1 + v * v);
  };
  const density = (logK: number) => {
    const v = (logK - centre) / width;
    return base + extra / width / (1 + v * v) ** 1.5;
  };
  const origin = warp(minLogK);
  const numNodes = Math.ceil(warp(options.maxLogK) - origin) + 1;
  const logK = new Float64Array(numNodes);
  for (let j = 0, at = minLogK; j < numNodes; j++) {
    for (let iteration = 0; iteration < 30; iteration++) at -= (warp(at) - origin - j) / density(at);
    logK[j] = at;
  }
  const weights = logK.map((at, j) => (j === 0 || j === numNodes - 1 ? 0.5 : 1) / density(at));

  const maxLogNode = logK[numNodes - 1];
  return { logK, weights, minLogK, maxLogK: maxLogNode, numNodes, base, extra, origin, centre, width };
}

/**
 * Reads a spline of four channels at ln k = `out[0]`: values to out[0..3], the slope of the first channel to out[4]. Numbers pass through
 * `out` because a call that takes one costs a heap cell in V8.
 */
export function readSpline(grid: WarpedGrid, coefficients: Float64Array, out: Float64Array): void {
  const { base, extra, origin, centre, width, numNodes } = grid;
  const c = coefficients;
  const v = (out[0] - centre) / width;
  const inverse = 1 / Math.sqrt(1 + v * v);
  const t = base * out[0] + extra * v * inverse - origin;
  const cell = Math.min(Math.max(Math.floor(t), 0), numNodes - 2);
  const slope = base + (extra / width) * inverse * inverse * inverse;
  const u = t - cell;
  const r = 1 - u;
  const wa = (r * r * r) / 6;
  const wb = 2 / 3 - u * u * (1 - u / 2);
  const wc = 2 / 3 - r * r * (1 - r / 2);
  const wd = (u * u * u) / 6;
  const j = cell * 4;
  const a = c[j];
  const b = c[j + 4];
  const d = c[j + 8];
  const e = c[j + 12];
  out[0] = wa * a + wb * b + wc * d + wd * e;
  out[1] = wa * c[j + 1] + wb * c[j + 5] + wc * c[j + 9] + wd * c[j + 13];
  out[2] = wa * c[j + 2] + wb * c[j + 6] + wc * c[j + 10] + wd * c[j + 14];
  out[3] = wa * c[j + 3] + wb * c[j + 7] + wc * c[j + 11] + wd * c[j + 15];
  out[4] = slope * ((u * u * e - r * r * a) / 2 + u * (1.5 * u - 2) * b - r * (1.5 * r - 2) * d);
}

/**
 * Coefficients of the natural cubic B-spline through values on an equispaced grid: (c[j] + 4 c[j + 1] + c[j + 2]) / 6 = y[j].
 * `values` has shape [n, channels]; `coefficients` [n + 2, channels].
 */
export function createSplineFilter(n: number, channels: number) {
  const factor = new Float64Array(n);
  for (let j = 1; j < n - 1; j++) factor[j] = 1 / (4 - (j > 1 ? factor[j - 1] : 0));
  return (values: Float64Array, coefficients: Float64Array): void => {
    const at = (j: number, c: number) => (j + 1) * channels + c;
    for (let c = 0; c < channels; c++) {
      coefficients[at(0, c)] = values[c];
      coefficients[at(n - 1, c)] = values[(n - 1) * channels + c];
      for (let j = 1; j < n - 1; j++) {
        const right = 6 * values[j * channels + c] - coefficients[at(j - 1, c)];
        coefficients[at(j, c)] = right * factor[j];
      }
      for (let j = n - 2; j > 0; j--) {
        coefficients[at(j, c)] -= factor[j] * coefficients[at(j + 1, c)];
      }
      coefficients[at(-1, c)] = 2 * coefficients[at(0, c)] - coefficients[at(1, c)];
      coefficients[at(n, c)] = 2 * coefficients[at(n - 1, c)] - coefficients[at(n - 2, c)];
    }
  };
}
