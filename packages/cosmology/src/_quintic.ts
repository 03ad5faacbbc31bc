/** Value and three derivatives, in x, of the quintic that has given value, slope and curvature at both ends of a cell. */
export interface QuinticJet {
  value: number;
  slope: number;
  curvature: number;
  third: number;
}

/**
 * Evaluates at `u` in [0, 1] of a cell of width `h`; the node data are [value, slope, curvature] at `i` and `i + 1` of three arrays.
 */
export function evaluateQuintic(
  value: Float64Array,
  slope: Float64Array,
  curvature: Float64Array,
  i: number,
  h: number,
  u: number,
  jet: QuinticJet,
): void {
  const c0 = value[i];
  const c1 = slope[i] * h;
  const c2 = 0.5 * curvature[i] * h * h;
  const p = value[i + 1] - c0 - c1 - c2;
  const q = slope[i + 1] * h - c1 - 2 * c2;
  const r = curvature[i + 1] * h * h - 2 * c2;
  const c3 = 10 * p - 4 * q + 0.5 * r;
  const c4 = -15 * p + 7 * q - r;
  const c5 = 6 * p - 3 * q + 0.5 * r;
  jet.value = c0 + u * (c1 + u * (c2 + u * (c3 + u * (c4 + u * c5))));
  jet.slope = (c1 + u * (2 * c2 + u * (3 * c3 + u * (4 * c4 + u * 5 * c5)))) / h;
  jet.curvature = (2 * c2 + u * (6 * c3 + u * (12 * c4 + u * 20 * c5))) / (h * h);
  jet.third = (6 * c3 + u * (24 * c4 + u * 60 * c5)) / (h * h * h);
}
