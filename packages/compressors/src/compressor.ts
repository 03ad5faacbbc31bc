import type { Compressor, NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import { tensorsOf, tf } from '@lensfield/tensors';
import type { CompressorParameters } from './compressor-parameters.ts';
import type { ConvolutionalNetwork } from './convolutional-network.ts';
import { standardisedBy } from './feature-standardisation.ts';
import { whitened } from './feature-whitening.ts';
import { pooledFeatures, summaryOf } from './forward.ts';

/**
 * Further numbers of noisy maps that join the network's own: from maps [n, mapSize, mapSize, numBins] to
 * [n, numFeatures], row-major.
 */
export type MapFeatures = (maps: Float32Array, numMaps: number) => Float32Array;

/** Maps that go through the network at once. */
const CHUNK = 16;

/**
 * A trained network as a function from maps to summaries.
 *
 * @param features  The function that training used, for a network with `numFeatures` above 0.
 * @returns `summarize` of maps [n, mapSize, mapSize, numBins] in their own units (not divided by the noise).
 * @throws {InvalidArgumentError} from `summarize` if the shape does not fit or a pixel is not finite.
 */
export function createCompressor(
  network: ConvolutionalNetwork,
  parameters: CompressorParameters,
  features?: MapFeatures,
): Compressor {
  requireFeatureFunction('createCompressor', network, features);
  const length = network.mapSize ** 2 * network.numBins;
  return {
    numSummaries: network.numSummaries,
    summarize(x) {
      requireMaps(network, x);
      const n = x.shape[0];
      const data = new Float32Array(n * network.numSummaries);
      for (let start = 0; start < n; start += CHUNK) {
        const count = Math.min(CHUNK, n - start);
        const maps = x.data.slice(start * length, (start + count) * length);
        data.set(summariesOf(network, parameters, maps, count, features), start * network.numSummaries);
      }
      return { shape: [n, network.numSummaries], data };
    },
  };
}

function summariesOf(
  network: ConvolutionalNetwork,
  parameters: CompressorParameters,
  maps: Float32Array,
  count: number,
  features: MapFeatures | undefined,
): Float32Array {
  const given = features ? featureTensorValues(network, features, maps, count) : undefined;
  return tf.tidy(() => {
    const weights = tensorsOf(parameters.weights);
    const images = scaledImages(network, parameters.inputSd, maps, count);
    const pooled = pooledFeatures(network, weights, images);
    const parts: tf.Tensor2D[] = [];
    if (pooled) parts.push(standardisedBy(parameters.pooled, pooled));
    if (given) {
      parts.push(whitened(parameters.features, tf.tensor2d(given, [count, network.numFeatures])));
    }
    const joined = parts.length === 1 ? parts[0] : tf.concat(parts, 1);
    return Float32Array.from(summaryOf(network, weights, joined).dataSync());
  });
}

/** Features of a batch, checked. */
export function featureTensorValues(
  network: ConvolutionalNetwork,
  features: MapFeatures,
  maps: Float32Array,
  count: number,
): Float32Array {
  const values = features(maps, count);
  if (values.length !== count * network.numFeatures) {
    throw new InvalidArgumentError(
      'features',
      `compressors: features must return ${count} x ${network.numFeatures} values; got ${values.length}.`,
    );
  }
  const bad = values.findIndex((value) => !Number.isFinite(value));
  if (bad >= 0) {
    throw new InvalidArgumentError(
      'features',
      `compressors: features must be finite; got ${values[bad]} for feature ${bad % network.numFeatures}.`,
    );
  }
  return values;
}

/** Maps as a tensor, each bin divided by its sd; `maps` may be overwritten. */
export function scaledImages(
  network: ConvolutionalNetwork,
  inputSd: Float32Array,
  maps: Float32Array,
  count: number,
): tf.Tensor4D {
  const { shape, data } = scaledMaps(network, inputSd, maps, count);
  return tf.tensor4d(data, shape as [number, number, number, number]);
}

/** As {@link scaledImages}, as an array. */
export function scaledMaps(
  network: ConvolutionalNetwork,
  inputSd: Float32Array,
  maps: Float32Array,
  count: number,
): NdArray<Float32Array> {
  const { mapSize, numBins } = network;
  const inverse = inputSd.map((sd) => 1 / sd);
  for (let i = 0; i < maps.length; i += numBins) {
    for (let bin = 0; bin < numBins; bin++) maps[i + bin] *= inverse[bin];
  }
  return { shape: [count, mapSize, mapSize, numBins], data: maps };
}

/** Throws unless a feature function is given exactly where the network takes features. */
export function requireFeatureFunction(
  where: string,
  network: ConvolutionalNetwork,
  features: MapFeatures | undefined,
): void {
  if (network.numFeatures > 0 === (features !== undefined)) return;
  throw new InvalidArgumentError(
    'features',
    `compressors.${where}: features must be given if and only if the network has numFeatures above 0; got ${features ? 'a function' : 'none'} for numFeatures ${network.numFeatures}.`,
  );
}

/** Throws unless `x` holds finite maps of this size. */
export function requireMaps(
  { mapSize, numBins }: { readonly mapSize: number; readonly numBins: number },
  x: NdArray<Float32Array>,
): void {
  const expected = [x.shape[0], mapSize, mapSize, numBins];
  if (x.shape.length !== 4 || x.shape.join() !== expected.join()) {
    throw new InvalidArgumentError(
      'x',
      `compressors.summarize: maps must have shape [n, ${mapSize}, ${mapSize}, ${numBins}]; got [${x.shape.join(', ')}].`,
    );
  }
  const bad = x.data.findIndex((value) => !Number.isFinite(value));
  if (bad < 0) return;
  throw new InvalidArgumentError(
    'x',
    `compressors.summarize: maps must be finite; got ${x.data[bad]} at ${bad}.`,
  );
}
