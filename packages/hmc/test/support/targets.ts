import type { LogDensityAndGradient } from '@lensfield/contracts';
import { keyOf, normalFloat64, splitKey, uniformFloat64 } from '@lensfield/kernels';

/** A target with its dimension. */
export interface TestTarget {
  readonly dimension: number;
  readonly logDensityAndGradient: LogDensityAndGradient;
}

/** Independent Gaussians with the given standard deviations. */
export function independentGaussian(deviations: readonly number[]): TestTarget {
  return {
    dimension: deviations.length,
    logDensityAndGradient: (position, gradient) => {
      let logDensity = 0;
      for (let i = 0; i < position.length; i++) {
        const z = position[i] / deviations[i];
        gradient[i] = -z / deviations[i];
        logDensity -= (z * z) / 2;
      }
      return logDensity;
    },
  };
}

/**
 * A Gaussian whose covariance is A A' + I with A random of shape [dimension, rank], given with that covariance. The density uses the
 * precision I - A (I + A'A)^-1 A' (Woodbury).
 */
export function correlatedGaussian(dimension: number, rank: number) {
  const factor = normalFloat64(keyOf(17), dimension * rank);
  const at = (i: number, r: number) => factor[i * rank + r];
  const inner = Array.from({ length: rank }, (_, r) =>
    Array.from({ length: rank }, (_, s) => {
      let sum = r === s ? 1 : 0;
      for (let i = 0; i < dimension; i++) sum += at(i, r) * at(i, s);
      return sum;
    }),
  );
  const logDensityAndGradient: LogDensityAndGradient = (x, gradient) => {
    const projected = inner.map((_, r) => {
      let sum = 0;
      for (let i = 0; i < dimension; i++) sum += at(i, r) * x[i];
      return sum;
    });
    const solved = solve(inner, projected);
    let logDensity = 0;
    for (let i = 0; i < dimension; i++) {
      let value = x[i];
      for (let r = 0; r < rank; r++) value -= at(i, r) * solved[r];
      gradient[i] = -value;
      logDensity -= (x[i] * value) / 2;
    }
    return logDensity;
  };
  const covariance = new Float64Array(dimension * dimension);
  for (let i = 0; i < dimension; i++) {
    for (let j = 0; j < dimension; j++) {
      let sum = i === j ? 1 : 0;
      for (let r = 0; r < rank; r++) sum += at(i, r) * at(j, r);
      covariance[i * dimension + j] = sum;
    }
  }
  return { dimension, logDensityAndGradient, covariance };
}

/** Gaussian elimination with partial pivoting. */
function solve(matrix: readonly (readonly number[])[], right: readonly number[]): number[] {
  const rows = matrix.map((row, i) => [...row, right[i]]);
  const n = rows.length;
  for (let c = 0; c < n; c++) {
    const pivot = rows
      .slice(c)
      .reduce((best, row, i) => (Math.abs(row[c]) > Math.abs(rows[best][c]) ? c + i : best), c);
    [rows[c], rows[pivot]] = [rows[pivot], rows[c]];
    for (let r = c + 1; r < n; r++) {
      const ratio = rows[r][c] / rows[c][c];
      for (let k = c; k <= n; k++) rows[r][k] -= ratio * rows[c][k];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r--) {
    x[r] =
      (rows[r][n] - x.reduce((sum, value, k) => (k > r ? sum + rows[r][k] * value : sum), 0)) / rows[r][r];
  }
  return x;
}

/** Three orthogonal directions of variance 1000, each across a third of the coordinates, among coordinates of variance 1. */
export function longDirections(dimension: number) {
  const variance = 1000;
  const noise = normalFloat64(keyOf(17), dimension);
  const directions = [0, 1, 2].map((r) => {
    const column = noise.map((value, i) => (i % 3 === r ? value : 0));
    const size = Math.sqrt(column.reduce((sum, value) => sum + value * value, 0));
    return column.map((value) => value / size);
  });
  const logDensityAndGradient: LogDensityAndGradient = (x, gradient) => {
    for (let i = 0; i < dimension; i++) gradient[i] = -x[i];
    directions.forEach((direction, r) => {
      let along = 0;
      for (let i = r; i < dimension; i += 3) along += direction[i] * x[i];
      along *= 1 - 1 / variance;
      for (let i = r; i < dimension; i += 3) gradient[i] += along * direction[i];
    });
    return x.reduce((sum, value, i) => sum + (value * gradient[i]) / 2, 0);
  };
  const variances = noise.map((_, i) => 1 + (variance - 1) * directions[i % 3][i] ** 2);
  return { dimension, logDensityAndGradient, directions, variance, variances };
}

/** A funnel in its own coordinates: v ~ N(0, 1), x_i ~ N(0, e^v). */
export function centredFunnel(numLatents: number): TestTarget {
  return {
    dimension: numLatents + 1,
    logDensityAndGradient: (position, gradient) => {
      const v = position[0];
      const precision = Math.exp(-v);
      let squares = 0;
      for (let i = 1; i <= numLatents; i++) {
        squares += position[i] ** 2;
        gradient[i] = -precision * position[i];
      }
      gradient[0] = -v + (precision * squares - numLatents) / 2;
      return -(v * v + precision * squares + numLatents * v) / 2;
    },
  };
}

/** A banana (Haario, Saksman and Tamminen 1999): x ~ N(0, 1), y ~ N(x^2 - 1, 1). */
export const banana: TestTarget = {
  dimension: 2,
  logDensityAndGradient: ([x, y], gradient) => {
    const residual = y - (x * x - 1);
    gradient[0] = -x + 2 * x * residual;
    gradient[1] = -residual;
    return -(x * x + residual * residual) / 2;
  },
};

/**
 * Logistic regression of 1000 people on 25 covariates, neighbours correlated by 0.7, drawn from a key: of the size of the German credit
 * data. Coefficients ~ N(0, 1).
 */
export function logisticRegression(): TestTarget {
  const [people, dimension] = [1000, 25];
  const [noiseKey, truthKey, labelKey] = splitKey(keyOf(5), 3);
  const design = normalFloat64(noiseKey, people * dimension);
  for (let n = 0; n < people; n++) {
    const row = design.subarray(n * dimension, (n + 1) * dimension);
    row[0] = 1;
    for (let j = 2; j < dimension; j++) row[j] = 0.7 * row[j - 1] + Math.sqrt(0.51) * row[j];
  }
  const truth = normalFloat64(truthKey, dimension).map((value) => value / 2);
  const logitOf = (n: number, beta: Float64Array) => {
    let sum = 0;
    for (let j = 0; j < dimension; j++) sum += design[n * dimension + j] * beta[j];
    return sum;
  };
  const labels = uniformFloat64(labelKey, people).map((u, n) =>
    u < 1 / (1 + Math.exp(-logitOf(n, truth))) ? 1 : 0,
  );
  const logDensityAndGradient: LogDensityAndGradient = (beta, gradient) => {
    let logDensity = 0;
    for (let j = 0; j < dimension; j++) {
      gradient[j] = -beta[j];
      logDensity -= beta[j] ** 2 / 2;
    }
    for (let n = 0; n < people; n++) {
      const logit = logitOf(n, beta);
      const residual = labels[n] - 1 / (1 + Math.exp(-logit));
      for (let j = 0; j < dimension; j++) gradient[j] += residual * design[n * dimension + j];
      logDensity += labels[n] * logit - Math.max(logit, 0) - Math.log1p(Math.exp(-Math.abs(logit)));
    }
    return logDensity;
  };
  return { dimension, logDensityAndGradient };
}

/** Neal's funnel, non-centred: v = 3 w, x_i = exp(v / 2) z_i with w and z standard normal; position (w, z). */
export function reparametrisedFunnel(numLatents: number): TestTarget {
  return independentGaussian(new Array(numLatents + 1).fill(1));
}

/** Rubin (1981): effects of coaching in eight schools, and their standard errors. */
export const SCHOOLS = {
  effects: [28, 8, -3, 7, -1, 1, 18, 12],
  errors: [15, 10, 16, 11, 9, 11, 10, 18],
};

/**
 * Eight schools, non-centred: mu ~ N(0, 5), tau ~ half-Cauchy(5), theta_j = mu + tau z_j, y_j ~ N(theta_j, error_j); position
 * (mu, log tau, z).
 */
export const eightSchools: TestTarget = {
  dimension: 10,
  logDensityAndGradient: (position, gradient) => {
    const [mu, logTau] = position;
    const tau = Math.exp(logTau);
    const ratio = (tau / 5) ** 2;
    // Half-Cauchy and the Jacobian of the logarithm.
    let logDensity = (-mu * mu) / 50 - Math.log1p(ratio) + logTau;
    gradient[0] = -mu / 25;
    gradient[1] = 1 - (2 * ratio) / (1 + ratio);
    for (let j = 0; j < 8; j++) {
      const z = position[2 + j];
      const residual = (SCHOOLS.effects[j] - mu - tau * z) / SCHOOLS.errors[j];
      const pull = residual / SCHOOLS.errors[j];
      logDensity -= (residual * residual + z * z) / 2;
      gradient[0] += pull;
      gradient[1] += pull * tau * z;
      gradient[2 + j] = pull * tau - z;
    }
    return logDensity;
  },
};

/** Not Gaussian, two dimensions, correlated: -x^4 / 4 - y^2 / 2 + x y / 2. */
export const quarticTarget: TestTarget = {
  dimension: 2,
  logDensityAndGradient: ([x, y], gradient) => {
    gradient[0] = -(x ** 3) + y / 2;
    gradient[1] = -y + x / 2;
    return -(x ** 4) / 4 - y ** 2 / 2 + (x * y) / 2;
  },
};
