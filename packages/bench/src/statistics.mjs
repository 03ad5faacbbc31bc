/** Linear between order statistics. */
function quantile(values, q) {
  const sorted = values.toSorted((a, b) => a - b);
  const at = q * (sorted.length - 1);
  const below = Math.floor(at);
  return sorted[below] + (at - below) * ((sorted[below + 1] ?? sorted[below]) - sorted[below]);
}

export const median = (values) => quantile(values, 0.5);

/** Interquartile range over median. */
export const spread = (values) => (quantile(values, 0.75) - quantile(values, 0.25)) / median(values);
