import { elementwiseRow } from './elementwise.mjs';
import { fftRows } from './fft.mjs';
import { gemmRow } from './gemm.mjs';
import { convolutionsRow } from './networks/convolutions.mjs';
import { resnetRows } from './networks/resnet.mjs';
import { unetRow } from './networks/unet.mjs';
import { realNvpRows } from './real-nvp.mjs';

/**
 * @typedef {object} Comparison  One line of the table.
 * @property {'native' | 'wasm' | 'chromium'} ours
 * @property {string | string[]} peer  A name of `peers`, or another side of ours; of several, the fastest counts.
 * @property {number} [atMost]  What the ratio of times has to stay below.
 * @property {number} [goal]    What it aims at.
 *
 * @typedef {object} Row
 * @property {string} name
 * @property {(engine: { kernels: import('@lensfield/kernels').Kernels }) => () => void} ours  Builds a step.
 * @property {Record<string, { script: string }>} peers  Python files beside the row; each builds a step from these settings.
 * @property {Comparison[]} comparisons
 */

/** @type {Row[]} */
export const ROWS = [
  gemmRow,
  ...fftRows,
  ...realNvpRows,
  convolutionsRow,
  ...resnetRows,
  unetRow,
  elementwiseRow,
];
