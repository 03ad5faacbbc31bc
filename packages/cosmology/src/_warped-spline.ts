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
 * Replaces ln k in `located[0]` by the index of the first of four spline coefficients; their weights follow in [1..4], the derivatives
 * of the weights in ln k in [5..8]. `located` has 9 entries.
 */
export function locateNode(grid: WarpedGrid, located: Float64Array): void {
  const { base, extra, origin, centre, width, numNodes } = grid;
  const v = (located[0] - centre) / width;
  const inverse = 1 / Math.sqrt(1 + v * v);
  const t = base * located[0] + extra * v * inverse - origin;
  const cell = Math.min(Math.max(Math.floor(t), 0), numNodes - 2);
  const slope = base + (extra / width) * inverse * inverse * inverse;
  const u = t - cell;
  const r = 1 - u;
  located[0] = cell;
  located[1] = (r * r * r) / 6;
  located[2] = 2 / 3 - u * u * (1 - u / 2);
  located[3] = 2 / 3 - r * r * (1 - r / 2);
  located[4] = (u * u * u) / 6;
  located[5] = (-r * r * slope) / 2;
  located[6] = u * (1.5 * u - 2) * slope;
  located[7] = -r * (1.5 * r - 2) * slope;
  located[8] = (u * u * slope) / 2;
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
