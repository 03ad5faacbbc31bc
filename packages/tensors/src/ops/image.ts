import { image } from '@tensorflow/tfjs-core';

/** Nearest and linear resizing of maps, TensorFlow.js's own, with gradients that also hold for `halfPixelCenters`. */
export const { resizeBilinear, resizeNearestNeighbor } = image;
