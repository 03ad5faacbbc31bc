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

/**
 * The linear model that takes the map for kappa = h + noise: exact for shifts far above the convergence. Without data in a bin its noise is
 * that of convergences of one.
 */
export function startLinearModel({ data, inverseNoise }: PixelData, { map, scale }: LinearModel): void {
  const pixels = map.length / scale.length;
  for (let bin = 0; bin < scale.length; bin++) {
    let [sum, count] = [0, 0];
    for (let i = bin * pixels; i < (bin + 1) * pixels; i++)
      if (inverseNoise[i]! > 0) {
        sum += inverseNoise[i]! ** 2;
        count++;
      }
    scale[bin] = count === 0 ? 1 : Math.sqrt(count / sum);
    for (let i = bin * pixels; i < (bin + 1) * pixels; i++)
      map[i] = inverseNoise[i]! > 0 ? data[i]! / (inverseNoise[i]! * scale[bin]!) : 0;
  }
}

/** Share of the better model in the next: Newton steps on an exponential overshoot, half of one settles. */
const DAMPING = 0.5;
/** Pixels whose curvature is so many times that of their bin move by a step of their own, which is shorter. */
const LARGEST_CURVATURE = 2;
/** In g. */
const LONGEST_STEP = 1;

/**
 * A better linear model from the posterior of the one at hand: the same expected gradient of the log likelihood in a pixel, the same
 * expected curvature on average over the pixels of a bin. With g normal in a pixel,
 *
 *   E exp(g - v / 2) = exp(m + t / 2 - v / 2),  E exp(2 g - v) = exp(2 m + 2 t - v).
 *
 * Repeated, it ends near the linear model that is closest to the log-normal one in the sense of variational inference (Opper & Archambeau
 * 2009, Neural Comput. 21, 786, eq. 10 and 11). Near, not at: peaks of steep fields have many times the curvature of their bin, which is
 * all that the linear model knows, and at their own gradient the steps would never settle.
 */
export function improveLinearModel(pixelData: PixelData, point: ExpansionPoint, linear: LinearModel): void {
  for (let bin = 0; bin < linear.scale.length; bin++) improveBin(bin, pixelData, point, linear);
}

function improveBin(bin: number, pixelData: PixelData, point: ExpansionPoint, linear: LinearModel): void {
  const { map, scale } = linear;
  const pixels = map.length / scale.length;
  const { gradient, curvature } = expectedSlopes(bin, pixelData, point, scale[bin]!);
  const average = Math.max(0, curvature.reduce((sum, c) => sum + c, 0) / pixels);
  const shift = point.shifts[bin]!;
  const stretch = scale[bin]! / shift;
  const root = Math.sqrt((1 - DAMPING) / stretch ** 2 + DAMPING * average);
  for (let i = 0, at = bin * pixels; i < pixels; i++, at++) {
    const step = boundedStep(gradient[i]!, Math.max(average, curvature[i]! / LARGEST_CURVATURE));
    const better = average * (stretch * point.mean[at]! + step);
    map[at] = ((1 - DAMPING) * (map[at]! / stretch) + DAMPING * better) / root;
  }
  scale[bin] = shift / root;
}

function boundedStep(gradient: number, curvature: number): number {
  if (gradient === 0) return 0;
  return Math.max(-LONGEST_STEP, Math.min(LONGEST_STEP, gradient / curvature));
}

/** Expected gradient of the log likelihood in g, and less its expected second derivative, pixel by pixel. */
function expectedSlopes(
  bin: number,
  { data, inverseNoise }: PixelData,
  { mean, uncertainty, shifts, variance }: ExpansionPoint,
  scale: number,
) {
  const pixels = data.length / shifts.length;
  const [gradient, curvature] = [new Float64Array(pixels), new Float64Array(pixels)];
  const shift = shifts[bin]!;
  const stretch = scale / shift;
  const t = stretch ** 2 * uncertainty[bin]!;
  const v = variance[bin]!;
  for (let i = 0, at = bin * pixels; i < pixels; i++, at++) {
    const m = stretch * mean[at]!;
    const signal = inverseNoise[at]! * shift;
    const pull = signal * (data[at]! + signal) * Math.exp(m + (t - v) / 2);
    const rebound = signal * signal * Math.exp(2 * (m + t) - v);
    gradient[i] = pull - rebound;
    curvature[i] = 2 * rebound - pull;
  }
  return { gradient, curvature };
}
