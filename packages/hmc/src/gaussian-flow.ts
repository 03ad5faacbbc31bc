import type { LogDensityAndGradient } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import type { Integrator } from './integrators.ts';
import type { Metric } from './metric.ts';
import type { PhasePoint } from './phase-point.ts';

/**
 * One step in place of an integrator whose drifts are exact motion in the reference Gaussian of the metric. Kicks come from what the log
 * density differs from it, so that a target close to it takes long steps in any number of dimensions.
 *
 * In coordinates w of unit mass the reference is N(0, 1 / speed^2), and a drift of time t turns (speed w, p) by the angle speed t.
 *
 * @returns The kinetic energy at the end, summed in float64.
 *
 * @throws {InvalidArgumentError} if the metric has directions of low rank.
 *
 * Order, reversibility, exactness on the reference: test/gaussian-flow.test.ts. Memory: allocates a few numbers a step.
 * Source: Beskos, Pinski, Sanz-Serna & Stuart (2011), Stoch. Proc. Appl. 121, 2201, section 3; Shahbaba, Lan, Johnson & Neal (2014),
 * Stat. Comput. 24, 339, section 3.
 */
export function integrateInGaussian(
  logDensityAndGradient: LogDensityAndGradient,
  { kicks, drifts }: Integrator,
  metric: Metric,
  point: PhasePoint,
  stepSize: number,
): number {
  checkMetric(metric);
  for (let stage = 0; stage < drifts.length; stage++) {
    kickAndTurnDense(metric, point, kicks[stage] * stepSize, drifts[stage] * stepSize);
    kickAndTurnDiagonal(metric, point, kicks[stage] * stepSize, drifts[stage] * stepSize);
    point.logDensity = logDensityAndGradient(point.position, point.gradient);
  }
  const last = kicks[drifts.length] * stepSize;
  return kickAndTurnDense(metric, point, last, 0) + lastKickOfDiagonal(metric, point, last);
}

function checkMetric({ lowRank }: Metric): void {
  if (lowRank === undefined) return;
  throw new InvalidArgumentError(
    'metric',
    "hmc.integrate: metric must be a dense block and a diagonal for the flow 'gaussian'; got one with directions of low rank.",
  );
}

/** Both in the dense block, in coordinates of unit mass; returns its kinetic energy at the end. */
function kickAndTurnDense(metric: Metric, point: PhasePoint, kick: number, time: number): number {
  const { numDense: k, denseCholesky: root, reference } = metric;
  const { position, momentum, gradient } = point;
  const speed = reference?.denseSpeed ?? 1;
  const [cosine, sine] = [Math.cos(speed * time), Math.sin(speed * time)];
  const centreAt = (i: number) => reference?.centre[i] ?? 0;
  const w = new Float64Array(k);
  const p = new Float64Array(k);
  for (let i = 0; i < k; i++) {
    let rest = position[i] - centreAt(i);
    for (let j = 0; j < i; j++) rest -= root[i * k + j] * w[j];
    w[i] = rest / root[i * k + i];
    for (let j = i; j < k; j++) p[i] += root[j * k + i] * (momentum[j] + kick * gradient[j]);
    p[i] += kick * speed * speed * w[i];
  }
  let twice = 0;
  for (let i = 0; i < k; i++) {
    const before = w[i];
    w[i] = cosine * before + (sine / speed) * p[i];
    p[i] = cosine * p[i] - speed * sine * before;
    twice += p[i] * p[i];
  }
  for (let i = k - 1; i >= 0; i--) {
    let rest = p[i];
    for (let j = i + 1; j < k; j++) rest -= root[j * k + i] * momentum[j];
    momentum[i] = rest / root[i * k + i];
    if (time === 0) continue;
    position[i] = centreAt(i);
    for (let j = 0; j <= i; j++) position[i] += root[i * k + j] * w[j];
  }
  return twice / 2;
}

/** Both in the diagonal part: one pass over memory. */
function kickAndTurnDiagonal(metric: Metric, point: PhasePoint, kick: number, time: number): void {
  const { position, momentum, gradient } = point;
  const { numDense, diagonal, reference } = metric;
  const [cosine, sine] = [Math.cos(time), Math.sin(time)];
  const centre = reference?.centre;
  for (let i = 0, at = numDense; i < diagonal.length; i++, at++) {
    const middle = centre === undefined ? 0 : centre[at];
    const away = position[at] - middle;
    const force = away / diagonal[i];
    const kicked = momentum[at] + kick * (gradient[at] + force);
    position[at] = middle + cosine * away + sine * diagonal[i] * kicked;
    momentum[at] = cosine * kicked - sine * force;
  }
}

/** The kick, and the kinetic energy after it in the same pass over memory. */
function lastKickOfDiagonal(metric: Metric, point: PhasePoint, kick: number): number {
  const { position, momentum, gradient } = point;
  const { numDense, diagonal, reference } = metric;
  const centre = reference?.centre;
  let twice = 0;
  for (let i = 0, at = numDense; i < diagonal.length; i++, at++) {
    const away = position[at] - (centre === undefined ? 0 : centre[at]);
    const kicked = momentum[at] + kick * (gradient[at] + away / diagonal[i]);
    momentum[at] = kicked;
    twice += diagonal[i] * kicked * kicked;
  }
  return twice / 2;
}
