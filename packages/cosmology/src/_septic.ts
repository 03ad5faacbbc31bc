/** A function on equispaced nodes by its value and first three derivatives there; several functions may follow one another. */
export interface NodeJets {
  readonly value: Float64Array;
  readonly slope: Float64Array;
  readonly curvature: Float64Array;
  readonly third: Float64Array;
}

/** Value and three derivatives at one point. */
export interface Jet3 {
  value: number;
  slope: number;
  curvature: number;
  third: number;
}

/**
 * The polynomial of degree seven that has the given jets at nodes `i` and `i + 1`, `h` apart, at `u` in [0, 1] between them: three
 * derivatives are continuous everywhere.
 */
export function evaluateSeptic(nodes: NodeJets, i: number, h: number, u: number, jet: Jet3): void {
  const { value, slope, curvature, third } = nodes;
  const c0 = value[i];
  const c1 = slope[i] * h;
  const c2 = (curvature[i] * h * h) / 2;
  const c3 = (third[i] * h * h * h) / 6;
  const p = value[i + 1] - c0 - c1 - c2 - c3;
  const q = slope[i + 1] * h - c1 - 2 * c2 - 3 * c3;
  const r = curvature[i + 1] * h * h - 2 * c2 - 6 * c3;
  const t = third[i + 1] * h * h * h - 6 * c3;
  const c4 = 35 * p - 15 * q + 2.5 * r - t / 6;
  const c5 = -84 * p + 39 * q - 7 * r + t / 2;
  const c6 = 70 * p - 34 * q + 6.5 * r - t / 2;
  const c7 = -20 * p + 10 * q - 2 * r + t / 6;
  jet.value = c0 + u * (c1 + u * (c2 + u * (c3 + u * (c4 + u * (c5 + u * (c6 + u * c7))))));
  jet.slope =
    (c1 + u * (2 * c2 + u * (3 * c3 + u * (4 * c4 + u * (5 * c5 + u * (6 * c6 + u * 7 * c7)))))) / h;
  jet.curvature =
    (2 * c2 + u * (6 * c3 + u * (12 * c4 + u * (20 * c5 + u * (30 * c6 + u * 42 * c7))))) / (h * h);
  jet.third = (6 * c3 + u * (24 * c4 + u * (60 * c5 + u * (120 * c6 + u * 210 * c7)))) / (h * h * h);
}
