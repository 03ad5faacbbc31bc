/** What the linear model takes for the map: `map` = h + unit noise, h the field over `scale`. Updated in place. */
export interface LinearModel {
  /** [bins, N, N]. */
  readonly map: Float32Array;
  /** Standard deviation of its noise, in convergence, [bins]. */
  readonly scale: Float64Array;
}

/** A map pixel by pixel. */
export interface PixelData {
  /** Over its noise, 0 where there are no data, [bins, N, N]. */
  readonly data: Float32Array;
  /** One over the standard deviation of the noise, 0 where there are no data, [bins, N, N]. */
  readonly inverseNoise: Float32Array;
}

/** Where the log-normal likelihood is expanded: what the linear model at hand thinks of the fields. */
export interface ExpansionPoint {
  /** Posterior mean of h, [bins, N, N], and its posterior variance in a pixel, [bins]. */
  readonly mean: Float32Array;
  readonly uncertainty: Float64Array;
  /** [bins]; the variance is that of g over its ensemble. */
  readonly shifts: Float64Array;
  readonly variance: Float64Array;
}

/** The linear model that takes the map for kappa = h + noise: exact for shifts far above the convergence. */
export function startLinearModel({ data, inverseNoise }: PixelData, { map, scale }: LinearModel): void {
  const pixels = map.length / scale.length;
  for (let bin = 0; bin < scale.length; bin++) {
    let [sum, count] = [0, 0];
    for (let i = bin * pixels; i < (bin + 1) * pixels; i++)
      if (inverseNoise[i]! > 0) {
        sum += inverseNoise[i]! ** 2;
        count++;
      }
    scale[bin] = Math.sqrt(count / sum);
    for (let i = bin * pixels; i < (bin + 1) * pixels; i++)
      map[i] = inverseNoise[i]! > 0 ? data[i]! / (inverseNoise[i]! * scale[bin]!) : 0;
  }
}

/**
 * A better linear model from the posterior of the one at hand: the same expected gradient of the log likelihood in every pixel,
 * the same expected curvature on average over the pixels of a bin. With g normal in a pixel,
 *
 *   E exp(g - v / 2) = exp(m + t / 2 - v / 2),  E exp(2 g - v) = exp(2 m + 2 t - v).
 *
 * Repeated, it ends at the linear model that is closest to the log-normal one in the sense of variational inference (Opper & Archambeau 2009,
 * Neural Comput. 21, 786, eq. 10 and 11).
 */
export function improveLinearModel(pixelData: PixelData, point: ExpansionPoint, linear: LinearModel): void {
  for (let bin = 0; bin < linear.scale.length; bin++) improveBin(bin, pixelData, point, linear);
}

function improveBin(
  bin: number,
  { data, inverseNoise }: PixelData,
  { mean, uncertainty, shifts, variance }: ExpansionPoint,
  { map, scale }: LinearModel,
): void {
  const pixels = map.length / scale.length;
  const shift = shifts[bin]!;
  const stretch = scale[bin]! / shift;
  const t = stretch ** 2 * uncertainty[bin]!;
  const v = variance[bin]!;
  let curvature = 0;
  for (let i = bin * pixels; i < (bin + 1) * pixels; i++) {
    const m = stretch * mean[i]!;
    const signal = inverseNoise[i]! * shift;
    const growth = Math.exp(m + (t - v) / 2);
    const growthSquare = Math.exp(2 * (m + t) - v);
    map[i] = signal * ((data[i]! + signal) * growth - signal * growthSquare);
    curvature += signal * (2 * signal * growthSquare - (data[i]! + signal) * growth);
  }
  curvature /= pixels;
  const root = Math.sqrt(curvature);
  scale[bin] = shift / root;
  for (let i = bin * pixels; i < (bin + 1) * pixels; i++) map[i] = stretch * mean[i]! * root + map[i]! / root;
}
