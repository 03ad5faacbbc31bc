import type { Key, NdArray, Simulation, SimulationWithScore, Simulator } from '@lensfield/contracts';
import { COSMOLOGY_PARAMETERS } from '@lensfield/cosmology';
import { fillNormal, InvalidArgumentError, type Kernels, NumericalError, splitKey } from '@lensfield/kernels';
import type { FieldEngine } from './field-engine.ts';
import { binsFirst, binsLast } from './map-layout.ts';
import { noiseStandardDeviations, numBins, type Survey } from './survey.ts';
import { surveyFieldEngine } from './survey-field-engine.ts';
import type { Parity } from './survey-theory.ts';
import { validateSurvey } from './survey-validation.ts';

export interface LognormalModelOptions {
  readonly survey: Survey;
  readonly kernels: Kernels;
  /** `sbi_lens`: the numerical choices of the public reference simulator (see the README). Default `none`. */
  readonly parity?: Parity;
}

/** Convergence spectra at the multipoles of a model. */
export interface ModelSpectra {
  readonly ell: Float64Array;
  /** [pairs, ell], pairs (0,0), (0,1), ..., (1,1), ...; dimensionless. */
  readonly values: Float64Array;
}

/**
 * The log-normal simulator of a survey. Owns its buffers; not for use from several places at once. Maps are
 * [mapSize, mapSize, bins], float32, and belong to the caller.
 */
export interface LognormalModel extends Simulator {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly kernels: Kernels;
  readonly numBins: number;
  /** Standard deviation of the noise per pixel, [bins]. */
  readonly noiseStandardDeviations: Float64Array;
  spectra(theta: Float64Array): ModelSpectra;
  /** Minus the smallest convergence possible, [bins]. */
  shifts(theta: Float64Array): Float64Array;
  /** Noiseless map of given white latents [bins, mapSize, mapSize]. */
  convergence(theta: Float64Array, latents: Float32Array | Float64Array): NdArray<Float32Array>;
  /** The latents that `simulate(key, theta)` uses, [bins, mapSize, mapSize]. */
  latentsOf(key: Key): Float32Array;
  /** `simulate` without the noise: the same latents for the same key. */
  simulateConvergence(key: Key, theta: Float64Array): Simulation;
  simulateWithScore(key: Key, theta: Float64Array): SimulationWithScore;
  /** The steps on which the joint density is built. */
  readonly engine: FieldEngine;
  /** Gives the buffers back (WASM memory is not garbage-collected); the model must not be used afterwards. */
  dispose(): void;
}

/** Streams under the key of a simulation; the first is left to the caller for its parameters. */
function simulationStreams(key: Key): { latents: Key; noise: Key } {
  const [, latents, noise] = splitKey(key, 3);
  return { latents: latents!, noise: noise! };
}

/** The key under the key of a simulation from which to draw its parameters; independent of its latents and noise. */
export function parameterKey(key: Key): Key {
  return splitKey(key, 3)[0]!;
}

function checkTheta(where: string, theta: Float64Array): void {
  if (theta.length !== COSMOLOGY_PARAMETERS.length)
    throw new InvalidArgumentError(
      'theta',
      `lognormal.${where}: theta must have ${COSMOLOGY_PARAMETERS.length} entries (${COSMOLOGY_PARAMETERS.join(', ')}); got ${theta.length}.`,
    );
}

/** A map with one NaN is all NaN in that bin (a wave is everywhere), so a few pixels tell. */
function checkMap(fields: Float32Array, bins: number, theta: Float64Array): void {
  const pixels = fields.length / bins;
  for (let bin = 0; bin < bins; bin++)
    if (!Number.isFinite(fields[bin * pixels]) || !Number.isFinite(fields[bin * pixels + pixels - 1]))
      throw new NumericalError(
        'convergence',
        `lognormal.simulate: convergence must be finite; got NaN in bin ${bin} at theta (${Array.from(theta).join(', ')}). No log-normal field has these spectra and shifts on this map.`,
      );
}

/**
 * The log-normal simulator of `survey`: spectra of convergence, shifts, Gaussian fields from white latents, log-normal maps, noise.
 *
 * simulate(key, theta): latents from the second, noise from the third of three keys split from `key`; the first is left for drawing
 * theta (`parameterKey`). The same key and parameters give the same bytes for any number of threads.
 *
 * @throws {InvalidArgumentError} if the survey is not valid.
 *
 * The returned functions throw `InvalidArgumentError` for parameters that describe no universe and `NumericalError` when a map is
 * not finite. Accuracy: measured spectra within 1 % of theory (test/lognormal-statistics.test.ts).
 * Source: Zeghal et al. (2024), arXiv 2409.17975, section 3; shifts: see `lognormalShifts`.
 */
export function createLognormalModel(options: LognormalModelOptions): LognormalModel {
  const { kernels, parity = 'none' } = options;
  const survey = validateSurvey(options.survey);
  const bins = numBins(survey);
  const { mapSize } = survey;
  const noise = noiseStandardDeviations(survey);
  const engine = surveyFieldEngine(survey, parity, kernels);
  const pixels = mapSize * mapSize;
  const noiseField = kernels.float32(bins * pixels);
  const shape = [mapSize, mapSize, bins];

  /** Noiseless fields of the engine's latents, checked. */
  function fieldsAt(where: string, theta: Float64Array): Float32Array {
    checkTheta(where, theta);
    const fields = engine.convergence(theta);
    checkMap(fields, bins, theta);
    return fields;
  }

  /** Noisy fields in `noiseField`; leaves the latents in the engine. */
  function observe(key: Key, theta: Float64Array): void {
    const streams = simulationStreams(key);
    fillNormal(kernels, streams.latents, engine.latents);
    const fields = fieldsAt('simulate', theta);
    fillNormal(kernels, streams.noise, noiseField);
    for (let bin = 0; bin < bins; bin++)
      for (let i = bin * pixels; i < (bin + 1) * pixels; i++)
        noiseField[i] = fields[i]! + noise[bin]! * noiseField[i]!;
  }

  return {
    survey,
    parity,
    kernels,
    numBins: bins,
    noiseStandardDeviations: noise,
    engine,
    dispose() {
      engine.dispose();
      kernels.free(noiseField);
    },
    parameterNames: COSMOLOGY_PARAMETERS,
    dataShape: shape,
    spectra(theta) {
      checkTheta('spectra', theta);
      return { ell: engine.ell.slice(), values: engine.theory(theta, { jacobian: false }).spectra.slice() };
    },
    shifts(theta) {
      checkTheta('shifts', theta);
      return engine.theory(theta, { jacobian: false }).shifts.slice();
    },
    convergence(theta, latents) {
      if (latents.length !== bins * pixels)
        throw new InvalidArgumentError(
          'latents',
          `lognormal.convergence: latents must have ${bins} x ${mapSize} x ${mapSize} values; got ${latents.length}.`,
        );
      engine.latents.set(latents);
      return { shape, data: binsLast(fieldsAt('convergence', theta), bins) };
    },
    latentsOf(key) {
      fillNormal(kernels, simulationStreams(key).latents, engine.latents);
      return engine.latents.slice();
    },
    simulate(key, theta) {
      observe(key, theta);
      return { x: { shape, data: binsLast(noiseField, bins) } };
    },
    simulateConvergence(key, theta) {
      fillNormal(kernels, simulationStreams(key).latents, engine.latents);
      return { x: { shape, data: binsLast(fieldsAt('simulateConvergence', theta), bins) } };
    },
    simulateWithScore(key, theta) {
      observe(key, theta);
      const score = new Float64Array(COSMOLOGY_PARAMETERS.length);
      engine.logLikelihood(theta, noiseField, score);
      return { x: { shape, data: binsLast(noiseField, bins) }, score };
    },
  };
}

/** @throws {InvalidArgumentError} unless a map is [mapSize, mapSize, bins] of the model. */
export function requireMapShape(
  { dataShape }: Pick<LognormalModel, 'dataShape'>,
  argument: string,
  { shape }: NdArray<Float32Array>,
): void {
  if (shape.join() === dataShape.join()) return;
  throw new InvalidArgumentError(
    argument,
    `lognormal.createJointDensity: ${argument} must have shape [${dataShape.join(', ')}]; got [${shape.join(', ')}].`,
  );
}

/** Checks a map [mapSize, mapSize, bins] against a model and writes it to `out` as [bins, mapSize, mapSize]. */
export function observedFields(
  model: LognormalModel,
  observation: NdArray<Float32Array>,
  out: Float32Array,
): void {
  requireMapShape(model, 'observation', observation);
  const at = observation.data.findIndex((value) => !Number.isFinite(value));
  if (at >= 0)
    throw new InvalidArgumentError(
      'observation',
      `lognormal.createJointDensity: observation must be finite; got ${observation.data[at]} at element ${at}.`,
    );
  binsFirst(observation.data, model.numBins, out);
}
