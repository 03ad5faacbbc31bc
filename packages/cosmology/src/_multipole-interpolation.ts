/** Points of the local polynomial through which spectra are read between their nodes. */
const NUM_POINTS = 6;

/** For each target, the first of `numPoints` nodes and the Lagrange weights; shape [targets, numPoints]. */
export interface LocalInterpolation {
  readonly numPoints: number;
  readonly first: Int32Array;
  readonly weights: Float64Array;
}

/** Local polynomial interpolation from ascending nodes to targets within their range, precomputed. */
export function localInterpolation(nodes: Float64Array, targets: Float64Array): LocalInterpolation {
  const numPoints = Math.min(NUM_POINTS, nodes.length);
  const first = new Int32Array(targets.length);
  const weights = new Float64Array(targets.length * numPoints);
  targets.forEach((x, i) => {
    let above = 0;
    while (above < nodes.length && nodes[above] < x) above++;
    const start = Math.min(Math.max(above - numPoints / 2, 0), nodes.length - numPoints);
    first[i] = Math.floor(start);
    for (let a = 0; a < numPoints; a++) {
      let weight = 1;
      for (let b = 0; b < numPoints; b++) {
        if (b !== a) weight *= (x - nodes[first[i] + b]) / (nodes[first[i] + a] - nodes[first[i] + b]);
      }
      weights[i * numPoints + a] = weight;
    }
  });
  return { numPoints, first, weights };
}
