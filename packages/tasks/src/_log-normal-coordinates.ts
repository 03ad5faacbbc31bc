import type { JointDensity, Key, PriorSpecification } from '@lensfield/contracts';
import { normalFloat64 } from '@lensfield/kernels';

/** A positive quantity whose logarithm is normal. */
export interface LogNormal {
  readonly name: string;
  readonly meanLog: number;
  readonly sdLog: number;
}

/** The same as the plain data of a prior. */
export function logNormalSpecification(quantities: readonly LogNormal[]): PriorSpecification {
  return Object.fromEntries(
    quantities.map(({ name, meanLog, sdLog }) => [name, { distribution: 'logNormal', meanLog, sdLog }]),
  );
}

/** Independent draws of each quantity. */
export function logNormalDraws(quantities: readonly LogNormal[], key: Key): Float64Array {
  const normal = normalFloat64(key, quantities.length);
  return normal.map((u, i) => Math.exp(quantities[i]!.meanLog + quantities[i]!.sdLog * u));
}

/**
 * The joint density of log-normal parameters and latents given data, in coordinates u = (ln value - meanLog) / sdLog.
 *
 * @param logLikelihood  Takes the values of parameters and latents and writes its gradient in them.
 */
export function logNormalJointDensity(
  parameters: readonly LogNormal[],
  latents: readonly LogNormal[],
  logLikelihood: (values: Float64Array, gradient: Float64Array) => number,
): JointDensity {
  const quantities = [...parameters, ...latents];
  const valuesOf = (position: Float64Array, count: number) =>
    Float64Array.from({ length: count }, (_, i) =>
      Math.exp(quantities[i]!.meanLog + quantities[i]!.sdLog * position[i]!),
    );
  return {
    parameterNames: parameters.map(({ name }) => name),
    numParameters: parameters.length,
    numLatents: latents.length,
    logDensityAndGradient(position, gradient) {
      const values = valuesOf(position, quantities.length);
      let logDensity = logLikelihood(values, gradient);
      quantities.forEach(({ sdLog }, i) => {
        logDensity -= position[i]! ** 2 / 2;
        gradient[i] = sdLog * values[i]! * gradient[i]! - position[i]!;
      });
      return logDensity;
    },
    parametersOf: (position) => valuesOf(position, parameters.length),
  };
}
