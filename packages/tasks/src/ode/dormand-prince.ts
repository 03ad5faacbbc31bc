/** What a step of the method works on; all arrays have the system's dimension. */
export interface Stages {
  /** Solution at the start of the step. */
  readonly y: Float64Array;
  /** Argument of a stage; after a step, the solution of order 5 at its end. */
  readonly trial: Float64Array;
  /** The derivative at the seven stages, that of the first at the start and of the last at the end of the step. */
  readonly k1: Float64Array;
  readonly k2: Float64Array;
  readonly k3: Float64Array;
  readonly k4: Float64Array;
  readonly k5: Float64Array;
  readonly k6: Float64Array;
  readonly k7: Float64Array;
}

export function allocateStages(dimension: number): Stages {
  const allocate = () => new Float64Array(dimension);
  return {
    y: allocate(),
    trial: allocate(),
    k1: allocate(),
    k2: allocate(),
    k3: allocate(),
    k4: allocate(),
    k5: allocate(),
    k6: allocate(),
    k7: allocate(),
  };
}

/**
 * One step of the Runge-Kutta pair of orders 5 and 4 with seven stages, from `y` and `k1`. The sums are written out: loops over
 * lists of coefficients take twice as long.
 *
 * Source: Dormand & Prince (1980), J. Comp. Appl. Math. 6, 19, table 2.
 */
export function dormandPrinceStep(
  derivative: (y: Float64Array, derivative: Float64Array) => void,
  { y, trial, k1, k2, k3, k4, k5, k6, k7 }: Stages,
  h: number,
): void {
  const n = y.length;
  for (let i = 0; i < n; i++) trial[i] = y[i]! + h * (1 / 5) * k1[i]!;
  derivative(trial, k2);
  for (let i = 0; i < n; i++) trial[i] = y[i]! + h * ((3 / 40) * k1[i]! + (9 / 40) * k2[i]!);
  derivative(trial, k3);
  for (let i = 0; i < n; i++)
    trial[i] = y[i]! + h * ((44 / 45) * k1[i]! - (56 / 15) * k2[i]! + (32 / 9) * k3[i]!);
  derivative(trial, k4);
  for (let i = 0; i < n; i++) {
    const early = (19372 / 6561) * k1[i]! - (25360 / 2187) * k2[i]!;
    trial[i] = y[i]! + h * (early + (64448 / 6561) * k3[i]! - (212 / 729) * k4[i]!);
  }
  derivative(trial, k5);
  for (let i = 0; i < n; i++) {
    const early = (9017 / 3168) * k1[i]! - (355 / 33) * k2[i]! + (46732 / 5247) * k3[i]!;
    trial[i] = y[i]! + h * (early + (49 / 176) * k4[i]! - (5103 / 18656) * k5[i]!);
  }
  derivative(trial, k6);
  for (let i = 0; i < n; i++) {
    const early = (35 / 384) * k1[i]! + (500 / 1113) * k3[i]! + (125 / 192) * k4[i]!;
    trial[i] = y[i]! + h * (early - (2187 / 6784) * k5[i]! + (11 / 84) * k6[i]!);
  }
  derivative(trial, k7);
}

/** Component `i` of the solution of order 5 minus that of order 4, over the step. */
export function embeddedError({ k1, k3, k4, k5, k6, k7 }: Stages, i: number): number {
  return (
    (71 / 57600) * k1[i]! -
    (71 / 16695) * k3[i]! +
    (71 / 1920) * k4[i]! -
    (17253 / 339200) * k5[i]! +
    (22 / 525) * k6[i]! -
    (1 / 40) * k7[i]!
  );
}
