import { besselJ1, besselJ2, cubicSpline, gaussLegendre } from '@lensfield/kernels';

/** Power of the wave in which dimensionless power is smooth where the window acts: k^3 P / wave^1.5 varies little there. */
const SMOOTHING_POWER = 1.5;
/** Widest panel of the eight-point Gauss rule in ln x and in x, x = wave times angle; the window oscillates in x. */
const PANEL_WIDTH = { logX: 0.1, x: 1 };

export interface WindowWeights {
  /** sum over e of variance[e] Delta2(wave_e) = int dln wave Delta2 / wave W(wave angle)^2, W(x) = 2 J1(x) / x. */
  readonly variance: Float64Array;
  /** The same with the derivative of W^2 in ln angle, 2 W (-2 J2). */
  readonly slope: Float64Array;
}

function windowOf(x: number): readonly [window: number, squareSlope: number] {
  const window = x < 1e-6 ? 1 : (2 * besselJ1(x)) / x;
  return [window * window, -4 * window * besselJ2(x)];
}

/** Quadrature nodes in ln wave that resolve the window between two waves. */
function panelsBetween(low: number, high: number, angle: number): { logWave: number; weight: number }[] {
  const rule = gaussLegendre(8);
  const width = high - low;
  const pieces = Math.ceil(
    Math.max(width / PANEL_WIDTH.logX, (Math.exp(high) * angle * width) / PANEL_WIDTH.x),
  );
  const half = width / (2 * pieces);
  return Array.from({ length: pieces }, (_, p) =>
    Array.from(rule.nodes, (x, g) => ({
      logWave: low + half * (2 * p + 1 + x),
      weight: half * rule.weights[g]!,
    })),
  ).flat();
}

/**
 * Weights that integrate dimensionless power, known at ascending waves, against the window of a disc of radius `angle` (radian).
 *
 * Power is taken as wave^1.5 times a cubic spline in ln wave, and the window is integrated exactly against it: its oscillations need no
 * nodes. Beyond the last wave nothing is added.
 */
export function windowWeights(waves: Float64Array, angle: number): WindowWeights {
  const logWaves = waves.map(Math.log);
  const variance = new Float64Array(waves.length);
  const slope = new Float64Array(waves.length);
  const points = Array.from(logWaves.subarray(1), (high, i) =>
    panelsBetween(logWaves[i]!, high, angle),
  ).flat();
  const windows = points.map(({ logWave, weight }) => {
    const [square, squareSlope] = windowOf(Math.exp(logWave) * angle);
    const measure = weight * Math.exp((SMOOTHING_POWER - 1) * logWave);
    return [square * measure, squareSlope * measure] as const;
  });
  for (let e = 0; e < waves.length; e++) {
    const cardinal = cubicSpline(
      logWaves,
      logWaves.map((_, i) => (i === e ? 1 : 0)),
      { ends: 'natural' },
    );
    points.forEach(({ logWave }, i) => {
      const basis = cardinal(logWave);
      variance[e]! += basis * windows[i]![0];
      slope[e]! += basis * windows[i]![1];
    });
    variance[e]! *= waves[e]! ** -SMOOTHING_POWER;
    slope[e]! *= waves[e]! ** -SMOOTHING_POWER;
  }
  return { variance, slope };
}
