/** The largest difference; NaN where a result is NaN and should not be. */
export function largestError(got: Float32Array, expected: Float64Array): number {
  return got.reduce((worst, value, i) => {
    const error = Math.abs(value - expected[i]!);
    return Number.isNaN(error) || error > worst ? error : worst;
  }, 0);
}
