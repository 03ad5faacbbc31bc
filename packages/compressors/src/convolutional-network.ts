import { InvalidArgumentError } from '@lensfield/kernels';

/** Activation after each convolution and hidden dense layer. */
export type Activation = 'relu' | 'leakyRelu' | 'silu';

/** What is kept of each channel of the last feature map: its mean, or its mean and its mean square. */
export type GlobalPooling = 'mean' | 'mean-and-square';

export interface ConvolutionalNetworkOptions {
  /** Pixels per side of the square map. */
  readonly mapSize: number;
  /** Tomographic bins, the last axis of the map. */
  readonly numBins: number;
  /** Length of the summary. */
  readonly numSummaries: number;
  /** Average pooling before the first convolution, a divisor of `mapSize`. Default 1, none. */
  readonly firstPooling?: number;
  /** Output channels of each strided convolution. Default [16, 32, 64, 64]. */
  readonly channels?: readonly number[];
  /** Pixels per side of the strided kernels. Default 3. */
  readonly kernelSize?: number;
  /** Stride of those convolutions. Default 2. */
  readonly stride?: number;
  /** Residual blocks of two 3 x 3 convolutions after each strided one. Default 0. */
  readonly residualBlocks?: number;
  /** Default `relu`, a quarter faster in training than `leakyRelu`. */
  readonly activation?: Activation;
  /** Default `mean-and-square`. */
  readonly pooling?: GlobalPooling;
  /** Hidden dense layers between pooled features and summary. Default [128]. */
  readonly hiddenUnits?: readonly number[];
  /** Further numbers of each map that join the pooled features, such as band powers. Default 0. */
  readonly numFeatures?: number;
}

/** The architecture of a compressor: plain data, without its weights. */
export type ConvolutionalNetwork = Required<ConvolutionalNetworkOptions>;

/**
 * A convolutional network from maps to a few numbers: strided convolutions (each with residual blocks, if asked for), global
 * pooling, standardisation of the pooled features, dense layers and a linear path beside them.
 *
 * @throws {InvalidArgumentError} if a size is not a whole number in range, or the map shrinks to nothing.
 */
export function createConvolutionalNetwork(options: ConvolutionalNetworkOptions): ConvolutionalNetwork {
  const network: ConvolutionalNetwork = {
    firstPooling: 1,
    channels: [16, 32, 64, 64],
    kernelSize: 3,
    stride: 2,
    residualBlocks: 0,
    activation: 'relu',
    pooling: 'mean-and-square',
    hiddenUnits: [128],
    numFeatures: 0,
    ...options,
  };
  for (const argument of [
    'mapSize',
    'numBins',
    'numSummaries',
    'firstPooling',
    'kernelSize',
    'stride',
  ] as const) {
    requireWhole(argument, network[argument], 1);
  }
  for (const argument of ['residualBlocks', 'numFeatures'] as const) {
    requireWhole(argument, network[argument], 0);
  }
  for (const units of network.channels) requireWhole('channels', units, 1);
  for (const units of network.hiddenUnits) requireWhole('hiddenUnits', units, 1);
  if (network.mapSize % network.firstPooling !== 0) {
    throw new InvalidArgumentError(
      'firstPooling',
      `compressors.createConvolutionalNetwork: firstPooling must divide mapSize ${network.mapSize}; got ${network.firstPooling}.`,
    );
  }
  if (network.channels.length === 0 && network.numFeatures === 0) {
    throw new InvalidArgumentError(
      'channels',
      'compressors.createConvolutionalNetwork: channels must name at least one convolution where there are no features; got none.',
    );
  }
  return network;
}

/** Pooled numbers of a map: those of the last feature map's channels. */
export function numPooled(network: ConvolutionalNetwork): number {
  const channels = network.channels.at(-1) ?? 0;
  return network.pooling === 'mean' ? channels : 2 * channels;
}

function requireWhole(argument: string, value: number, smallest: number): void {
  if (Number.isInteger(value) && value >= smallest) return;
  throw new InvalidArgumentError(
    argument,
    `compressors.createConvolutionalNetwork: ${argument} must be a whole number of at least ${smallest}; got ${value}.`,
  );
}
