/** Mean and sd (divisor n) of each column of feature rows [n, width]. */
export function momentsInFloat64(rows: Float32Array, width: number, n: number) {
  const mean = new Float64Array(width);
  const variance = new Float64Array(width);
  for (let i = 0; i < rows.length; i++) mean[i % width] += rows[i] / n;
  for (let i = 0; i < rows.length; i++) variance[i % width] += (rows[i] - mean[i % width]) ** 2 / n;
  return { mean, sd: variance.map(Math.sqrt) };
}

/**
 * Correlations of the columns of feature rows, lower triangle of [width, width]. An inverse sd of zero leaves a column out: its row
 * is zero, the diagonal too.
 */
export function correlationOf(rows: Float32Array, mean: Float64Array, inverseSd: Float64Array): Float64Array {
  const width = mean.length;
  const n = rows.length / Math.max(1, width);
  const correlation = new Float64Array(width * width);
  const standard = new Float64Array(width);
  for (let row = 0; row < n; row++) {
    for (let i = 0; i < width; i++) standard[i] = (rows[row * width + i] - mean[i]) * inverseSd[i];
    for (let i = 0; i < width; i++) {
      const value = standard[i] / n;
      for (let j = 0; j <= i; j++) correlation[i * width + j] += value * standard[j];
    }
  }
  return correlation;
}
