import type { Key } from '@lensfield/contracts';
import { InvalidArgumentError, NumericalError, splitKey } from '@lensfield/kernels';
import { requirePositiveData, requirePositiveTheta } from '../_argument-checks.ts';
import {
  type LogNormal,
  logNormalDraws,
  logNormalJointDensity,
  logNormalSpecification,
} from '../_log-normal-coordinates.ts';
import { type PopulationDynamics, type Populations, populationDynamics } from '../population-dynamics.ts';
import type { Task } from '../task.ts';
import { LATENT_OBSERVATIONS, OBSERVATIONS } from './observations.ts';
import { NUM_DATA, noiseLogDensity, noisyPopulations, TIMES } from './observed-populations.ts';

export interface LotkaVolterraOptions {
  /**
   * `latent` (default): prey and predators at time 0 are drawn, log-normal around 3 with scale 0.5 in the logarithm. Or their numbers.
   */
  readonly initialPopulations?: 'latent' | readonly [prey: number, predators: number];
  /**
   * Width of the distribution that parameters are drawn from: `wide` (default) has a standard deviation of 0.5 in the logarithms, `narrow`
   * of 0.03 around the same centre, of the order of a posterior's width.
   */
  readonly proposal?: 'wide' | 'narrow';
}

const NAMES = ['alpha', 'beta', 'gamma', 'delta'];
const MEAN_LOG = [-0.125, -3, -0.125, -3];
/** The narrow width is read off a figure of a talk on the paper: alpha 0.88 +- 0.028, beta 0.050 +- 0.0015. */
const PROPOSAL_SD_LOG = { wide: 0.5, narrow: 0.03 };
const LATENTS: readonly LogNormal[] = ['prey_0', 'predators_0'].map((name) => ({
  name,
  meanLog: Math.log(3),
  sdLog: 0.5,
}));

/**
 * Prey u and predators v, du/dt = (alpha - beta v) u, dv/dt = (-gamma + delta u) v, seen at the ten times 0, 2.1, ..., 18.9 with
 * log-normal noise of scale 0.1. Data: ten numbers of prey, then ten of predators. Populations are kept within [1e-10, 1e4] before the
 * noise, and have no gradient beyond.
 *
 * With latent initial populations the score is the gradient of log p(x, initial populations | theta), `logLikelihood` is absent and
 * `jointDensity` has two latents; with given ones the score is that of the likelihood.
 *
 * `observations` are there for the two settings of the source, latent and (10, 1): three truths from the wide proposal.
 *
 * @throws {InvalidArgumentError} if an initial population is not above 0 or the proposal is another.
 * Simulations throw a `NumericalError` where the equations cannot be integrated: a failure of {@link simulateMany}.
 *
 * Accuracy: ln populations within 1e-5 (test/population-dynamics.test.ts), posteriors of both settings as published
 * (test/lotka-volterra.test.ts).
 * Source: Zeghal et al. (2022), arXiv:2207.05636, with the numbers of its public code.
 */
export function lotkaVolterra(options: LotkaVolterraOptions = {}): Task {
  const { initialPopulations = 'latent', proposal = 'wide' } = options;
  const sdLog = PROPOSAL_SD_LOG[proposal];
  if (sdLog === undefined) {
    throw new InvalidArgumentError(
      'proposal',
      `tasks.lotkaVolterra: proposal must be wide or narrow; got ${proposal}.`,
    );
  }
  const parameters = NAMES.map((name, i) => ({ name, meanLog: MEAN_LOG[i]!, sdLog }));
  return initialPopulations === 'latent'
    ? latentStartTask(parameters)
    : givenStartTask(parameters, initialPopulations);
}

/**
 * Lotka-Volterra of the benchmark sbibm: {@link lotkaVolterra} that starts with 30 prey and 1 predator.
 *
 * Source: Lueckmann et al. (2021), arXiv:2101.04653, appendix T.10.
 */
export function sbibmLotkaVolterra(): Task {
  return lotkaVolterra({ initialPopulations: [30, 1] });
}

function latentStartTask(parameters: readonly LogNormal[]): Task {
  const dynamics = populationDynamics({ times: TIMES, startSensitivity: true });
  return {
    ...simulatorParts(dynamics, parameters, (key) => logNormalDraws(LATENTS, key)),
    jointDensity: (x) =>
      jointDensityOf(dynamics, parameters, LATENTS, x, (values) => values.subarray(NAMES.length)),
    observations: LATENT_OBSERVATIONS,
  };
}

function givenStartTask(
  parameters: readonly LogNormal[],
  [prey, predators]: readonly [number, number],
): Task {
  requirePopulation('prey', prey);
  requirePopulation('predators', predators);
  const start = Float64Array.of(prey, predators);
  const dynamics = populationDynamics({ times: TIMES });
  return {
    ...simulatorParts(dynamics, parameters, () => start),
    logLikelihood(x, theta, score) {
      requirePositiveData('lotkaVolterra', x, NUM_DATA);
      const populations = populationsAt(score ? dynamics.solveWithSensitivity : dynamics.solve, theta, start);
      return noiseLogDensity(populations, x, score);
    },
    jointDensity: (x) => jointDensityOf(dynamics, parameters, [], x, () => start),
    ...(prey === 10 && predators === 1 && { observations: OBSERVATIONS }),
  };
}

/** What tasks with latent and with given initial populations share. */
function simulatorParts(
  dynamics: PopulationDynamics,
  parameters: readonly LogNormal[],
  startOf: (key: Key) => Float64Array,
) {
  const simulate = (key: Key, theta: Float64Array, solve: PopulationDynamics['solve']) => {
    const [startKey, noiseKey] = splitKey(key) as [Key, Key];
    const populations = populationsAt(solve, theta, startOf(startKey));
    return { populations, x: { shape: [NUM_DATA], data: noisyPopulations(populations, noiseKey) } };
  };
  return {
    name: 'lotka_volterra',
    parameterNames: NAMES,
    dataShape: [NUM_DATA],
    prior: logNormalSpecification(parameters),
    simulate: (key: Key, theta: Float64Array) => ({ x: simulate(key, theta, dynamics.solve).x }),
    simulateWithScore(key: Key, theta: Float64Array) {
      const { x, populations } = simulate(key, theta, dynamics.solveWithSensitivity);
      const score = new Float64Array(NAMES.length);
      noiseLogDensity(populations, x.data, score);
      return { x, score };
    },
  };
}

function populationsAt(
  solve: PopulationDynamics['solve'],
  theta: Float64Array,
  start: Float64Array,
): Populations {
  requirePositiveTheta('lotkaVolterra', theta, NAMES);
  const populations = solve(theta, start);
  if (populations) return populations;
  throw new NumericalError(
    'populations',
    `tasks.lotkaVolterra: the equations must be solvable; got ${NAMES.map((name, i) => `${name} ${theta[i]}`).join(', ')} from ` +
      `${start.join(', ')}, which take too many steps. Leave this simulation out and count it.`,
  );
}

function jointDensityOf(
  dynamics: PopulationDynamics,
  parameters: readonly LogNormal[],
  latents: readonly LogNormal[],
  x: Float32Array | Float64Array,
  startOf: (values: Float64Array) => Float64Array,
) {
  requirePositiveData('lotkaVolterra', x, NUM_DATA);
  const data = x.slice();
  return logNormalJointDensity(parameters, latents, (values, score) => {
    const populations = dynamics.solveWithSensitivity(values, startOf(values));
    if (populations) return noiseLogDensity(populations, data, score);
    score.fill(0);
    return -Infinity;
  });
}

function requirePopulation(name: string, value: number): void {
  if (Number.isFinite(value) && value > 0) return;
  throw new InvalidArgumentError(
    'initialPopulations',
    `tasks.lotkaVolterra: initialPopulations must be above 0 and finite; got ${name} ${value}.`,
  );
}
