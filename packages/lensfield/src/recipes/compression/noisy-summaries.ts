import { type MapShape, mapsInMemory, type NoiseModel, noisyBatches } from '@lensfield/compressors';
import type { Compressor, Key, NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { simulatePrior } from '../prior-simulations.ts';
import type { TrainedCompression } from './compression.ts';

/** Maps summarised at once. */
const BATCH_SIZE = 32;

/** A compressor of maps, and how noise joins them. */
interface MapCompression {
  readonly compressor: Compressor;
  readonly mapShape: MapShape;
  readonly noise: NoiseModel;
}

/** Simulates noiseless maps and summarises each with one draw of the noise. */
export function summariesOfMaps(compression: MapCompression): TrainedCompression['simulateSummaries'] {
  return async (request, noiseKey) => {
    const summarizer = noisySummarizer(compression, noiseKey);
    const simulations = await simulatePrior({ ...request, onMap: (map) => summarizer.add(map) });
    return { simulations, set: { theta: simulations.theta, summaries: summarizer.finish() } };
  };
}

/** Turns noiseless maps, as they come, into summaries of noisy ones: noise and orientation are drawn from the key. */
interface NoisySummarizer {
  add(map: Float32Array): void;
  /** Of all maps so far, [n, numSummaries]. */
  finish(): NdArray<Float32Array>;
}

function noisySummarizer({ compressor, noise, mapShape: shape }: MapCompression, key: Key): NoisySummarizer {
  const length = shape[0] * shape[1] * shape[2];
  const waiting = new Float32Array(BATCH_SIZE * length);
  const parts: Float32Array[] = [];
  let numWaiting = 0;
  const flush = () => {
    if (numWaiting === 0) return;
    const batches = noisyBatches(mapsInMemory(waiting, shape), noise);
    const rows = Array.from({ length: numWaiting }, (_, i) => i);
    const x = { shape: [numWaiting, ...shape], data: batches.draw(rows, foldIn(key, parts.length)) };
    parts.push(compressor.summarize(x).data);
    numWaiting = 0;
  };
  return {
    add(map) {
      waiting.set(map, numWaiting * length);
      if (++numWaiting === BATCH_SIZE) flush();
    },
    finish() {
      flush();
      const { numSummaries } = compressor;
      const data = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0));
      let at = 0;
      for (const part of parts) {
        data.set(part, at);
        at += part.length;
      }
      return { shape: [data.length / numSummaries, numSummaries], data };
    },
  };
}
