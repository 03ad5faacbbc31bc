// Targets of the comparison of samplers: density and gradient here, the same density in peers.py, data common to both.
import { keyOf, normalFloat64, splitKey, uniformFloat64 } from '@lensfield/kernels';

/** Coordinates of which effective sizes are taken: all of a small target, every `stride`th of a large one. */
const every = (dimension, stride) =>
  Array.from({ length: Math.ceil(dimension / stride) }, (_, i) => i * stride);

/** Stationary autoregression of unit variance: correlation 0.9 between neighbours; eigenvalues from 0.05 to 19. */
function autoregression() {
  const [dimension, rho] = [1000, 0.9];
  const innovation = 1 - rho * rho;
  return {
    name: 'gaussian, neighbours correlated',
    data: { kind: 'autoregression', dimension, rho },
    coordinates: every(dimension, 20),
    secondMoments: every(dimension, 20).map(() => 1),
    logDensityAndGradient(x, gradient) {
      let logDensity = (-x[0] * x[0]) / 2;
      gradient[0] = -x[0];
      for (let i = 1; i < dimension; i++) {
        const residual = x[i] - rho * x[i - 1];
        logDensity -= (residual * residual) / innovation / 2;
        gradient[i] = -residual / innovation;
        gradient[i - 1] += (rho * residual) / innovation;
      }
      return logDensity;
    },
  };
}

/** Variance 1 in all directions but three, each across a third of the coordinates, of variance 1000. */
function longDirections() {
  const [dimension, rank] = [1000, 3];
  const columns = Array.from({ length: rank }, (_, r) => orthogonal(dimension, r));
  const eigenvalue = 1000;
  return {
    name: 'gaussian, three long directions',
    data: { kind: 'longDirections', dimension, eigenvalue, columns: columns.map((c) => Array.from(c)) },
    coordinates: every(dimension, 20),
    secondMoments: every(dimension, 20).map(
      (i) => 1 + (eigenvalue - 1) * columns.reduce((sum, c) => sum + c[i] ** 2, 0),
    ),
    logDensityAndGradient(x, gradient) {
      for (let i = 0; i < dimension; i++) gradient[i] = -x[i];
      for (const column of columns) {
        let along = 0;
        for (let i = 0; i < dimension; i++) along += column[i] * x[i];
        along *= 1 - 1 / eigenvalue;
        for (let i = 0; i < dimension; i++) gradient[i] += along * column[i];
      }
      let logDensity = 0;
      for (let i = 0; i < dimension; i++) logDensity += (x[i] * gradient[i]) / 2;
      return logDensity;
    },
  };
}

/** Unit vectors that are orthogonal because they do not overlap after a random change of signs: random blocks of coordinates. */
function orthogonal(dimension, r) {
  const noise = normalFloat64(keyOf(17), dimension);
  const column = noise.map((value, i) => (i % 3 === r ? value : 0));
  const size = Math.hypot(...column);
  return column.map((value) => value / size);
}

/** Neal's funnel: v ~ N(0, 9), nine x ~ N(0, e^v). */
function funnel() {
  return {
    name: 'funnel, centred',
    data: { kind: 'funnel', dimension: 10 },
    coordinates: every(10, 1),
    logDensityAndGradient(position, gradient) {
      const v = position[0];
      const precision = Math.exp(-v);
      let squares = 0;
      for (let i = 1; i < 10; i++) {
        squares += position[i] ** 2;
        gradient[i] = -precision * position[i];
      }
      gradient[0] = -v / 9 + (precision * squares) / 2 - 4.5;
      return (-v * v) / 18 - (precision * squares) / 2 - 4.5 * v;
    },
  };
}

/** The same with v = 3 w and x = e^(v/2) z: ten independent normals. */
function reparametrisedFunnel() {
  return {
    name: 'funnel, non-centred',
    data: { kind: 'normal', dimension: 10 },
    coordinates: every(10, 1),
    secondMoments: every(10, 1).map(() => 1),
    logDensityAndGradient(position, gradient) {
      let logDensity = 0;
      for (let i = 0; i < position.length; i++) {
        gradient[i] = -position[i];
        logDensity -= position[i] ** 2 / 2;
      }
      return logDensity;
    },
  };
}

/** Haario's banana: x ~ N(0, 100), y ~ N(0.03 (x^2 - 100), 1). */
function banana() {
  return {
    name: 'banana',
    data: { kind: 'banana', dimension: 2 },
    coordinates: [0, 1],
    secondMoments: [100, 1 + 0.03 ** 2 * 2e4],
    logDensityAndGradient([x, y], gradient) {
      const residual = y - 0.03 * (x * x - 100);
      gradient[0] = -x / 100 + 0.06 * x * residual;
      gradient[1] = -residual;
      return (-x * x) / 200 - (residual * residual) / 2;
    },
  };
}

/** Rubin (1981), non-centred: mu ~ N(0, 5), tau ~ half-Cauchy(5), theta_j = mu + tau z_j; position (mu, log tau, z). */
function eightSchools() {
  const effects = [28, 8, -3, 7, -1, 1, 18, 12];
  const errors = [15, 10, 16, 11, 9, 11, 10, 18];
  return {
    name: 'eight schools, non-centred',
    data: { kind: 'eightSchools', dimension: 10, effects, errors },
    coordinates: every(10, 1),
    logDensityAndGradient(position, gradient) {
      const [mu, logTau] = position;
      const tau = Math.exp(logTau);
      const ratio = (tau / 5) ** 2;
      let logDensity = (-mu * mu) / 50 - Math.log1p(ratio) + logTau;
      gradient[0] = -mu / 25;
      gradient[1] = 1 - (2 * ratio) / (1 + ratio);
      for (let j = 0; j < 8; j++) {
        const z = position[2 + j];
        const residual = (effects[j] - mu - tau * z) / errors[j];
        const pull = residual / errors[j];
        logDensity -= (residual * residual + z * z) / 2;
        gradient[0] += pull;
        gradient[1] += pull * tau * z;
        gradient[2 + j] = pull * tau - z;
      }
      return logDensity;
    },
  };
}

/**
 * Logistic regression with 25 coefficients ~ N(0, 1) and 1000 people whose covariates have correlation 0.7 between neighbours, drawn
 * from a key: the size of the German credit data.
 */
function logisticRegression() {
  const [people, dimension] = [1000, 25];
  const [noiseKey, truthKey, labelKey] = splitKey(keyOf(5), 3);
  const design = normalFloat64(noiseKey, people * dimension);
  for (let n = 0; n < people; n++) {
    const row = design.subarray(n * dimension, (n + 1) * dimension);
    row[0] = 1;
    for (let j = 2; j < dimension; j++) row[j] = 0.7 * row[j - 1] + Math.sqrt(0.51) * row[j];
  }
  const truth = normalFloat64(truthKey, dimension).map((value) => value / 2);
  const uniforms = uniformFloat64(labelKey, people);
  const dot = (n, beta) => {
    let sum = 0;
    for (let j = 0; j < dimension; j++) sum += design[n * dimension + j] * beta[j];
    return sum;
  };
  const labels = Array.from(uniforms, (u, n) => (u < 1 / (1 + Math.exp(-dot(n, truth))) ? 1 : 0));
  return {
    name: 'logistic regression',
    data: { kind: 'logisticRegression', dimension, design: Array.from(design), labels },
    coordinates: every(dimension, 1),
    logDensityAndGradient(beta, gradient) {
      let logDensity = 0;
      for (let j = 0; j < dimension; j++) {
        gradient[j] = -beta[j];
        logDensity -= beta[j] ** 2 / 2;
      }
      for (let n = 0; n < people; n++) {
        const logit = dot(n, beta);
        const residual = labels[n] - 1 / (1 + Math.exp(-logit));
        for (let j = 0; j < dimension; j++) gradient[j] += residual * design[n * dimension + j];
        logDensity += labels[n] * logit - Math.max(logit, 0) - Math.log1p(Math.exp(-Math.abs(logit)));
      }
      return logDensity;
    },
  };
}

export const TARGETS = {
  autoregression,
  longDirections,
  funnel,
  reparametrisedFunnel,
  banana,
  eightSchools,
  logisticRegression,
};
