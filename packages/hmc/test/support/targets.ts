import type { LogDensityAndGradient } from '@lensfield/contracts';
import { keyOf, normalFloat64 } from '@lensfield/kernels';

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
