/** Lower Cholesky factor of a symmetric matrix, row-major [n, n]; undefined if it is not symmetric and positive definite. */
export function choleskyOf(matrix: Float64Array, n: number): Float64Array | undefined {
  const factor = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      const [below, above] = [matrix[i * n + j], matrix[j * n + i]];
      // Symmetric up to the rounding of a matrix product that made it.
      if (!(Math.abs(below - above) <= 1e-8 * Math.sqrt(Math.abs(matrix[i * n + i] * matrix[j * n + j]))))
        return undefined;
      let rest = below;
      for (let l = 0; l < j; l++) rest -= factor[i * n + l] * factor[j * n + l];
      if (i === j && !(rest > 0 && rest < Number.POSITIVE_INFINITY)) return undefined;
      factor[i * n + j] = i === j ? Math.sqrt(rest) : rest / factor[j * n + j];
    }
  }
  return factor;
}
