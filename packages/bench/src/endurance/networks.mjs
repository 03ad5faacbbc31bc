import { classifierNetwork } from './classifier.mjs';
import { compressorNetworks } from './compressors.mjs';
import { flowNetworks } from './flows.mjs';
import { imageNetworks } from './images.mjs';
import { ratioNetworks } from './ratios.mjs';

/** Every kind of network in the repository. */
export const NETWORKS = [
  ...flowNetworks,
  ...ratioNetworks,
  ...compressorNetworks,
  ...imageNetworks,
  classifierNetwork,
];
