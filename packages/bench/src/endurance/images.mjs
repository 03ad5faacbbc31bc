import { convolutions } from '../rows/networks/convolutions.mjs';
import { meanSquaredError } from '../rows/networks/layers.mjs';
import { resnet18 } from '../rows/networks/resnet.mjs';
import { unet } from '../rows/networks/unet.mjs';
import { stepsOfLoss } from './rounds.mjs';

/** A network of the bench's rows, small. */
function imageNetwork(name, sizes, build) {
  return {
    name,
    sizes,
    train(options) {
      const { parameters, forward, target } = build();
      return stepsOfLoss(
        { parameters, loss: (weights) => meanSquaredError(forward(weights), target) },
        options,
      );
    },
  };
}

/** @type {import('./rounds.mjs').Network[]} */
export const imageNetworks = [
  imageNetwork('convolutions', 'channels 5-32-64-128, 16^2 x 5, batch 8', () =>
    convolutions({ batch: 8, size: 16, channels: [5, 32, 64, 128], hidden: 128, outputs: 6 }),
  ),
  imageNetwork('resnet18', 'a quarter of the width, 32^2 x 5, batch 4', () =>
    resnet18({ size: 32, batch: 4, width: 16 }),
  ),
  imageNetwork('unet', 'widths 8-16-32, 16^2 x 1, batch 4', () =>
    unet({ batch: 4, size: 16, widths: [8, 16, 32], blocks: 2, groups: 4, inputs: 70, embedding: 32 }),
  ),
];
