// Time of values and Jacobian of 15 spectra and 5 shifts on one core, after a build: `node packages/lognormal/bench/spectra-and-shifts.mjs`.
import { createSpectraAndShifts, sourceBins, surveyPreset } from '../dist/index.js';

const bins = sourceBins(surveyPreset('lsst-y10'));
const ell = Array.from({ length: 24 }, (_, i) => 36 * (6517 / 36) ** (i / 23));
const started = performance.now();
const engine = createSpectraAndShifts({ bins, ell, pixelSizeArcmin: 2.34375 });
console.log(`preparation ${(performance.now() - started).toFixed(0)} ms`);
const theta = [0.2664, 0.0492, 0.831, 0.6727, 0.9645, -1];
const times = Array.from({ length: 1000 }, () => {
  const start = performance.now();
  engine.evaluate(theta);
  return performance.now() - start;
}).sort((a, b) => a - b);
console.log(`values and Jacobian: fastest ${times[0].toFixed(2)} ms, median ${times[500].toFixed(2)} ms`);
