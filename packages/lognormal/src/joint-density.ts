import type { JointDensity, NdArray, Prior } from '@lensfield/contracts';
import { COSMOLOGY_PARAMETERS } from '@lensfield/cosmology';
import { InvalidArgumentError, isLensfieldError, latentGradient, roundLatents } from '@lensfield/kernels';
import { type Buffers, createBuffers } from './buffers.ts';
import { type LognormalModel, observedFields } from './lognormal-model.ts';
import { binsLast } from './map-layout.ts';
import { surveyWienerEngine } from './survey-field-engine.ts';
import { pixelData } from './wiener/pixel-data.ts';

/** Parameters at which the benchmark map was made; values of those that a prior does not name. */
export const FIDUCIAL_PARAMETERS: Readonly<Record<(typeof COSMOLOGY_PARAMETERS)[number], number>> = {
  omega_c: 0.2664,
  omega_b: 0.0492,
  sigma_8: 0.831,
  h_0: 0.6727,
  n_s: 0.9645,
  w_0: -1,
};

/**
 * What the latents of a position are. `white`: the white noise behind the fields, as the simulator draws it. `wiener`: latents that are standard
 * normal given the map in the linear model, at any parameters; nearly independent of each other and of the parameters, so that
 * samplers take long steps.
 */
export type LatentCoordinates = 'white' | 'wiener';

export interface LognormalJointDensityOptions {
  readonly model: LognormalModel;
  /** Names some or all of the parameters; a `fixed` record, as of a prior of @lensfield/sbi, holds others at its values. */
  readonly prior: Prior & { readonly fixed?: Readonly<Record<string, number>> };
  /** [mapSize, mapSize, bins]. */
  readonly observation: NdArray<Float32Array>;
  /** Default `white`. */
  readonly coordinates?: LatentCoordinates;
  /**
   * Parameters, in the order of the prior, at which the Wiener coordinates linearise the model: the nearer to the posterior, the nearer to
   * standard normal are its latents; any are exact. Default: the middle of the prior.
   */
  readonly linearisedAt?: Float64Array;
  /**
   * Standard deviation of the noise of each pixel, [mapSize, mapSize, bins]; Infinity where the map has no data. Default: that of the
   * survey. For Wiener coordinates.
   */
  readonly noise?: NdArray<Float32Array>;
}

/** The joint density of parameters and latents given one map. */
export interface LognormalJointDensity extends JointDensity {
  readonly observation: NdArray<Float32Array>;
  readonly coordinates: LatentCoordinates;
  /** All six parameters at a position, in the order of the model. */
  cosmologyOf(position: Float64Array): Float64Array;
  /** A position from parameters (in the order of the prior) and latents [bins, mapSize, mapSize]. */
  positionOf(theta: Float64Array, latents: ArrayLike<number>): Float64Array;
  /** Noiseless map at a position, [mapSize, mapSize, bins]. */
  convergenceOf(position: Float64Array): NdArray<Float32Array>;
  /** How many positions the model had no meaning at so far, and the reason of the last. */
  rejections(): { readonly count: number; readonly last?: string };
  /** Gives the copy of the map back; the model stays. */
  dispose(): void;
}

function checkNames(names: readonly string[]): void {
  for (const name of names)
    if (!(COSMOLOGY_PARAMETERS as readonly string[]).includes(name))
      throw new InvalidArgumentError(
        'prior',
        `lognormal.createJointDensity: prior must name parameters of the model (${COSMOLOGY_PARAMETERS.join(', ')}); got ${name}.`,
      );
}

/** A log likelihood over latents whose base density is standard normal. */
interface LatentEngine {
  readonly latents: Float32Array;
  readonly latentGradient: Float32Array;
  logLikelihood(theta: Float64Array, thetaGradient: Float64Array): number;
  convergence(theta: Float64Array): Float32Array;
  dispose(): void;
}

function latentEngine(
  options: LognormalJointDensityOptions,
  buffers: Buffers,
  around: Float64Array,
): LatentEngine {
  const { model, observation, noise, coordinates = 'white' } = options;
  const { engine, survey, parity, kernels } = model;
  if (coordinates === 'wiener') {
    const wiener = surveyWienerEngine(survey, parity, kernels, pixelData(model, buffers, observation, noise));
    wiener.linearise(around);
    return wiener;
  }
  if (noise !== undefined)
    throw new InvalidArgumentError(
      'noise',
      "lognormal.createJointDensity: noise of single pixels must come with the coordinates 'wiener'; got 'white'.",
    );
  const data = buffers.float32(engine.latents.length);
  observedFields(model, observation, data);
  return {
    latents: engine.latents,
    latentGradient: engine.latentGradient,
    logLikelihood: (theta, thetaGradient) => engine.logLikelihood(theta, data, thetaGradient),
    convergence: engine.convergence,
    dispose: () => {},
  };
}

/**
 * log p(u, z | y) up to a constant, with y the map, u the prior's unconstrained parameters and z the latents; for white ones
 * -|u|^2 / 2 - |z|^2 / 2 - sum (y - kappa(theta(u), z))^2 / (2 noise variance), for Wiener ones the same times the Jacobian of the change
 * of coordinates (see `createWienerField`). The position is [u, z], z as [bins, mapSize, mapSize].
 *
 * At positions where the model has no meaning (parameters of no universe, spectra of no log-normal field, an overflow) the log density
 * is -Infinity and the gradient zero: a sampler rejects them as divergent.
 *
 * Buffers of the white density are the model's, so one of a model is evaluated at a time. Maps are float32, reductions and everything
 * on modes float64. Accuracy: gradient within 1e-5 of that of a float64 twin (test/joint-density.test.ts, test/wiener-density.test.ts).
 *
 * @throws {InvalidArgumentError} if the map has the wrong shape or is not finite, or the prior names unknown parameters.
 */
export function createJointDensity(options: LognormalJointDensityOptions): LognormalJointDensity {
  const { model, prior, observation, coordinates = 'white' } = options;
  const { kernels, survey, numBins } = model;
  const { names, fixed = {} } = prior;
  checkNames([...names, ...Object.keys(fixed)]);
  const numParameters = names.length;
  const numLatents = numBins * survey.mapSize ** 2;
  const free = names.map((name) => COSMOLOGY_PARAMETERS.indexOf(name as never));
  const rest = Float64Array.from(COSMOLOGY_PARAMETERS, (name) => fixed[name] ?? FIDUCIAL_PARAMETERS[name]);
  const thetaGradient = new Float64Array(COSMOLOGY_PARAMETERS.length);
  const buffers = createBuffers(kernels);
  const { linearisedAt = prior.fromUnconstrained(new Float64Array(numParameters)).theta } = options;
  const engine = latentEngine(options, buffers, complete(linearisedAt));
  let rejected: { readonly count: number; readonly last?: string } = { count: 0 };

  function complete(theta: Float64Array): Float64Array {
    const full = rest.slice();
    free.forEach((at, i) => {
      full[at] = theta[i]!;
    });
    return full;
  }

  function reject(reason: string): number {
    rejected = { count: rejected.count + 1, last: reason };
    return -Infinity;
  }

  /** The log likelihood, with -Infinity for what the model cannot describe. */
  function logLikelihood(theta: Float64Array): number {
    try {
      const value = engine.logLikelihood(theta, thetaGradient);
      if (Number.isFinite(value) && thetaGradient.every(Number.isFinite)) return value;
      return reject(
        `log likelihood ${value} with gradient (${thetaGradient.join(', ')}) at (${theta.join(', ')})`,
      );
    } catch (error) {
      if (isLensfieldError(error, 'INVALID_ARGUMENT') || isLensfieldError(error, 'NUMERICAL'))
        return reject(error.message);
      throw error;
    }
  }

  /** Gradient in u: the chain rule through the prior's transform, and the prior itself. */
  function writeParameterGradient(u: Float64Array, jacobian: Float64Array, gradient: Float64Array): void {
    for (let j = 0; j < numParameters; j++) {
      let sum = -u[j]!;
      for (let i = 0; i < numParameters; i++)
        sum += thetaGradient[free[i]!]! * jacobian[i * numParameters + j]!;
      gradient[j] = sum;
    }
  }

  function logDensityAndGradient(position: Float64Array, gradient: Float64Array): number {
    checkLength('position', position);
    checkLength('gradient', gradient);
    const u = position.subarray(0, numParameters);
    const latents = position.subarray(numParameters);
    const squares = roundLatents(kernels, latents, engine.latents) + u.reduce((sum, x) => sum + x * x, 0);
    const { theta, jacobian } = prior.fromUnconstrained(u);
    const value = logLikelihood(complete(theta)) - 0.5 * squares;
    if (!Number.isFinite(value)) {
      gradient.fill(0);
      return -Infinity;
    }
    latentGradient(kernels, engine.latentGradient, latents, gradient.subarray(numParameters));
    writeParameterGradient(u, jacobian, gradient);
    return value;
  }

  function checkLength(argument: string, array: Float64Array): void {
    if (array.length !== numParameters + numLatents)
      throw new InvalidArgumentError(
        argument,
        `lognormal.logDensityAndGradient: ${argument} must have ${numParameters} + ${numLatents} elements; got ${array.length}.`,
      );
  }

  const cosmologyOf = (position: Float64Array) =>
    complete(prior.fromUnconstrained(position.subarray(0, numParameters)).theta);

  return {
    observation,
    coordinates,
    rejections: () => rejected,
    dispose() {
      engine.dispose();
      buffers.release();
    },
    parameterNames: names,
    numParameters,
    numLatents,
    logDensityAndGradient,
    parametersOf: (position) => prior.fromUnconstrained(position.subarray(0, numParameters)).theta,
    cosmologyOf,
    convergenceOf(position) {
      checkLength('position', position);
      roundLatents(kernels, position.subarray(numParameters), engine.latents);
      const fields = engine.convergence(cosmologyOf(position));
      return { shape: model.dataShape.slice(), data: binsLast(fields, numBins) };
    },
    positionOf(theta, latents) {
      const position = new Float64Array(numParameters + numLatents);
      position.set(prior.toUnconstrained(theta));
      position.set(latents, numParameters);
      checkLength('position', position);
      return position;
    },
  };
}
