import { createIntegrator, type Integrator, type OdeSystem } from './ode/integrator.ts';

/** Logarithms of the two populations at the output times and their derivatives. Overwritten by the next solution. */
export interface Populations {
  /** [times, 2]: ln u, ln v. */
  readonly logPopulation: (time: number, species: 0 | 1) => number;
  /** d ln population / d column; columns: a, b, c, d, and with `startSensitivity` u(0), v(0). */
  readonly sensitivity: (time: number, species: 0 | 1, column: number) => number;
}

export interface PopulationDynamicsOptions {
  /** Output times, ascending, the first that of the initial populations. */
  readonly times: Float64Array;
  /** Whether derivatives in the initial populations are wanted too. Default false. */
  readonly startSensitivity?: boolean;
}

export interface PopulationDynamics {
  /**
   * Without derivatives. Undefined if the integrator did not reach the last time.
   *
   * @param coefficients  a, b, c, d of d ln u/dt = a - b v, d ln v/dt = -c + d u; values after them are not read.
   * @param start  u and v at the first time.
   */
  solve(coefficients: Float64Array, start: Float64Array): Populations | undefined;
  /** With derivatives; the populations are the same bytes as those of `solve`. */
  solveWithSensitivity: PopulationDynamics['solve'];
}

/** Error of a step in units of 1 + |ln population|: a hundred times smaller, and outputs cost twice as much. */
const TOLERANCE = 1e-8;
const MAX_STEPS = 20_000;

/**
 * Two populations, each of which grows or shrinks at a rate linear in the other: predators and prey, and the susceptible and infected of
 * an epidemic. Integrated in the logarithms, in which populations stay positive however small they get, with forward sensitivities.
 *
 * Accuracy: ln populations within 1e-5, sensitivities within 2e-5 of their largest (test/population-dynamics.test.ts).
 */
export function populationDynamics({
  times,
  startSensitivity = false,
}: PopulationDynamicsOptions): PopulationDynamics {
  const coefficients = new Float64Array(4);
  const numColumns = startSensitivity ? 6 : 4;
  const solver = (columns: number) => {
    const system = logarithmicSystem(coefficients, columns);
    const integrator = createIntegrator(system, { tolerance: TOLERANCE, maxSteps: MAX_STEPS });
    return solverOf(integrator, system.dimension, times, coefficients);
  };
  return { solve: solver(0), solveWithSensitivity: solver(numColumns) };
}

/** State: ln u, ln v, then d ln u / d column for each column, then d ln v / d column. */
function logarithmicSystem(coefficients: Float64Array, numColumns: number): OdeSystem {
  const u0 = 2;
  const v0 = 2 + numColumns;
  return {
    dimension: 2 + 2 * numColumns,
    numControlled: 2,
    derivative(y, dy) {
      const u = Math.exp(y[0]!);
      const v = Math.exp(y[1]!);
      const bv = coefficients[1]! * v;
      const du = coefficients[3]! * u;
      dy[0] = coefficients[0]! - bv;
      dy[1] = du - coefficients[2]!;
      if (numColumns === 0) return;
      for (let j = 0; j < numColumns; j++) {
        dy[u0 + j] = -bv * y[v0 + j]!;
        dy[v0 + j] = du * y[u0 + j]!;
      }
      dy[u0]! += 1;
      dy[u0 + 1]! -= v;
      dy[v0 + 2]! -= 1;
      dy[v0 + 3]! += u;
    },
  };
}

function solverOf(
  integrator: Integrator,
  dimension: number,
  times: Float64Array,
  coefficients: Float64Array,
): PopulationDynamics['solve'] {
  const numColumns = (dimension - 2) / 2;
  const first = new Float64Array(dimension);
  const states = new Float64Array(times.length * dimension);
  const populations: Populations = {
    logPopulation: (time, species) => states[time * dimension + species]!,
    sensitivity: (time, species, column) => states[time * dimension + 2 + species * numColumns + column]!,
  };
  return (values, [u, v]) => {
    coefficients.set(values.subarray(0, 4));
    first[0] = Math.log(u!);
    first[1] = Math.log(v!);
    // Columns after the four coefficients are the initial populations.
    if (numColumns > 4) {
      first[2 + 4] = 1 / u!;
      first[2 + numColumns + 5] = 1 / v!;
    }
    return integrator.integrate(first, times, states) ? populations : undefined;
  };
}
