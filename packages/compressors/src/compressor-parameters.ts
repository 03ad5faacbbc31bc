import { InvalidArgumentError } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import type { ConvolutionalNetwork } from './convolutional-network.ts';
import type { FeatureMoments } from './feature-standardisation.ts';
import type { FeatureWhitening } from './feature-whitening.ts';

/** A compressor's numbers: trained weights, and what is fixed before and after training. */
export interface CompressorParameters {
  readonly weights: ParameterTree;
  /** By which each bin of a map is divided, shape [numBins]. */
  readonly inputSd: Float32Array;
  /** Moments of the pooled features and whitening of the given ones over training maps; widths may be 0. */
  readonly pooled: FeatureMoments;
  readonly features: FeatureWhitening;
}

const WEIGHTS = 'weights/';

/** The parameters as one flat set of named arrays, for a file. */
export function toArrays({ weights, inputSd, pooled, features }: CompressorParameters): ParameterTree {
  return {
    ...Object.fromEntries(Object.entries(weights).map(([name, array]) => [WEIGHTS + name, array])),
    inputSd: { shape: [inputSd.length], data: inputSd },
    'pooled/mean': pooled.mean,
    'pooled/sd': pooled.sd,
    'features/mean': features.mean,
    'features/matrix': features.matrix,
  };
}

/**
 * The inverse of {@link toArrays}.
 *
 * @throws {InvalidArgumentError} if an array is missing or of a size that the network does not have.
 */
export function fromArrays(network: ConvolutionalNetwork, arrays: ParameterTree): CompressorParameters {
  const get = (name: string, length?: number) => {
    const array = arrays[name];
    if (array && (length === undefined || array.data.length === length)) return array;
    throw new InvalidArgumentError(
      'arrays',
      `compressors.fromArrays: arrays must hold ${name}${length === undefined ? '' : ` of ${length} values`}; got ${array ? `${array.data.length} values` : 'none'}. Are these the arrays of another network?`,
    );
  };
  const weights = Object.fromEntries(
    Object.entries(arrays)
      .filter(([name]) => name.startsWith(WEIGHTS))
      .map(([name, array]) => [name.slice(WEIGHTS.length), array]),
  );
  return {
    weights,
    inputSd: get('inputSd', network.numBins).data,
    pooled: { mean: get('pooled/mean'), sd: get('pooled/sd') },
    features: {
      mean: get('features/mean', network.numFeatures),
      matrix: get('features/matrix', network.numFeatures ** 2),
    },
  };
}
