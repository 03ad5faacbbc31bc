import type { FloatArray, Key } from '@lensfield/contracts';
import { InvalidArgumentError, NumericalError, uniformFloat64 } from '@lensfield/kernels';
import { requireData, requirePositiveTheta } from '../_argument-checks.ts';
import { logNormalJointDensity, logNormalSpecification } from '../_log-normal-coordinates.ts';
import { type Populations, populationDynamics } from '../population-dynamics.ts';
import type { Task } from '../task.ts';
import { binomialLogProb, binomialQuantile } from './binomial.ts';

const PARAMETERS = [
  { name: 'beta', meanLog: Math.log(0.4), sdLog: 0.5 },
  { name: 'gamma', meanLog: Math.log(0.125), sdLog: 0.2 },
];
const NAMES = PARAMETERS.map(({ name }) => name);
const POPULATION = 1e6;
const NUM_TESTED = 1000;
const NUM_TIMES = 10;
const TIMES = Float64Array.from({ length: NUM_TIMES }, (_, i) => 17 * i);
/** Shares of the population: one is infected. */
const START = Float64Array.of(1 - 1 / POPULATION, 1 / POPULATION);

/**
 * An epidemic in a million people that starts with one infected: dS/dt = -beta S I / N, dI/dt = beta S I / N - gamma I. Data: of 1000
 * people tested at each of the days 0, 17, ..., 153, how many are infected.
 *
 * The score is that of the likelihood; there are no latents.
 *
 * Accuracy: ln I within 1e-5, as all populations (test/population-dynamics.test.ts); posteriors agree with the published draws
 * (test/sir.test.ts).
 * Source: Lueckmann et al. (2021), arXiv:2101.04653, appendix T.9.
 */
export function sir(): Task {
  const dynamics = populationDynamics({ times: TIMES });
  const solve = (theta: Float64Array, withSensitivity: boolean) => {
    requirePositiveTheta('sir', theta, NAMES);
    // Shares s and i obey d ln s/dt = -beta i, d ln i/dt = beta s - gamma.
    const coefficients = Float64Array.of(0, theta[0]!, theta[1]!, theta[0]!);
    return withSensitivity
      ? dynamics.solveWithSensitivity(coefficients, START)
      : dynamics.solve(coefficients, START);
  };
  const simulate = (key: Key, theta: Float64Array, withSensitivity: boolean) => {
    const populations = solvable(solve(theta, withSensitivity), theta);
    const data = Float32Array.from(uniformFloat64(key, NUM_TIMES), (uniform, i) =>
      binomialQuantile(uniform, NUM_TESTED, infectedShare(populations, i)),
    );
    return { populations, x: { shape: [NUM_TIMES], data } };
  };
  return {
    name: 'sir',
    parameterNames: NAMES,
    dataShape: [NUM_TIMES],
    prior: logNormalSpecification(PARAMETERS),
    simulate: (key, theta) => ({ x: simulate(key, theta, false).x }),
    simulateWithScore(key, theta) {
      const { x, populations } = simulate(key, theta, true);
      const score = new Float64Array(2);
      testLogDensity(populations, x.data, score);
      return { x, score };
    },
    logLikelihood(x, theta, score) {
      requireCounts(x);
      return testLogDensity(solvable(solve(theta, score !== undefined), theta), x, score);
    },
    jointDensity(x) {
      requireCounts(x);
      const data = x.slice();
      return logNormalJointDensity(PARAMETERS, [], (theta, score) => {
        const populations = solve(theta, true);
        if (populations) return testLogDensity(populations, data, score);
        score.fill(0);
        return -Infinity;
      });
    },
  };
}

function infectedShare(populations: Populations, time: number): number {
  return Math.exp(populations.logPopulation(time, 1));
}

/** log p(x | epidemic); writes its gradient in beta and gamma into `score`. */
function testLogDensity(populations: Populations, x: FloatArray, score?: Float64Array): number {
  let logDensity = 0;
  score?.fill(0);
  for (let i = 0; i < NUM_TIMES; i++) {
    logDensity += binomialLogProb(x[i]!, NUM_TESTED, populations.logPopulation(i, 1));
    if (!score) continue;
    const share = infectedShare(populations, i);
    const weight = (x[i]! - NUM_TESTED * share) / (1 - share);
    // beta is both the second and the fourth coefficient of the dynamics.
    score[0]! += weight * (populations.sensitivity(i, 1, 1) + populations.sensitivity(i, 1, 3));
    score[1]! += weight * populations.sensitivity(i, 1, 2);
  }
  return logDensity;
}

function requireCounts(x: FloatArray): void {
  requireData('sir', x, NUM_TIMES);
  const bad = x.findIndex((count) => !Number.isInteger(count) || count < 0 || count > NUM_TESTED);
  if (bad < 0) return;
  throw new InvalidArgumentError(
    'x',
    `tasks.sir: x must be whole numbers from 0 to ${NUM_TESTED}; got ${x[bad]} at index ${bad}.`,
  );
}

function solvable(populations: Populations | undefined, theta: Float64Array): Populations {
  if (populations) return populations;
  throw new NumericalError(
    'populations',
    `tasks.sir: the equations must be solvable; got beta ${theta[0]}, gamma ${theta[1]}, which take too many steps. ` +
      'Leave this simulation out and count it.',
  );
}
