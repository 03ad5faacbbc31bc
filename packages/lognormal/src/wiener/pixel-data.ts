import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import type { Buffers } from '../buffers.ts';
import { type LognormalModel, requireMapShape } from '../lognormal-model.ts';
import type { PixelData } from './linear-model.ts';

/**
 * A map over its noise.
 *
 * @param noise  Standard deviations [mapSize, mapSize, bins], Infinity where there are no data; default those of the survey.
 * @throws {InvalidArgumentError} if a shape is wrong, a deviation is not above 0, or a pixel with data is not finite.
 */
export function pixelData(
  model: LognormalModel,
  buffers: Pick<Buffers, 'float32'>,
  observation: NdArray<Float32Array>,
  noise?: NdArray<Float32Array>,
): PixelData {
  const { numBins, dataShape, noiseStandardDeviations } = model;
  requireMapShape(model, 'observation', observation);
  if (noise !== undefined) requireMapShape(model, 'noise', noise);
  const pixels = dataShape[0]! * dataShape[1]!;
  const [data, inverseNoise] = [buffers.float32(pixels * numBins), buffers.float32(pixels * numBins)];
  for (let from = 0; from < observation.data.length; from++) {
    const bin = from % numBins;
    const deviation = noise?.data[from] ?? noiseStandardDeviations[bin]!;
    if (!(deviation > 0)) throw wrong('noise', `be above 0; got ${deviation} at element ${from}`);
    if (deviation === Infinity) continue;
    const value = observation.data[from]!;
    if (!Number.isFinite(value)) throw wrong('observation', `be finite; got ${value} at element ${from}`);
    const to = bin * pixels + Math.floor(from / numBins);
    inverseNoise[to] = 1 / deviation;
    data[to] = value / deviation;
  }
  return { data, inverseNoise };
}

function wrong(argument: string, rule: string): InvalidArgumentError {
  return new InvalidArgumentError(
    argument,
    `lognormal.createJointDensity: ${argument} must ${rule}. A pixel without data has noise Infinity.`,
  );
}
