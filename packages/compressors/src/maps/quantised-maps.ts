import { InvalidArgumentError } from '@lensfield/kernels';
import { type MapSet, type MapShape, mapLength } from './map-set.ts';

/** Largest integer of the 16-bit code; the code is symmetric, so that 0 is kept exactly. */
const LEVELS = 32767;

/** Maps in 16 bits a value, written one by one: half the memory of float32. */
export interface QuantisedMaps extends MapSet {
  /** Stores a map of the set's shape as map `index`. */
  write(index: number, map: Float32Array): void;
}

/**
 * Room for `numMaps` maps as 16-bit integers with one scale for each map and bin, which is the largest absolute value of
 * that bin over 32767. A map never written reads as zeros. Memory is taken map by map, as they are written.
 *
 * Accuracy: each value within half a step, 1.6e-5 of the largest absolute value of its bin (test/quantised-maps.test.ts):
 * thousands of times below the shape noise of a lensing map.
 */
export function quantisedMaps(numMaps: number, mapShape: MapShape): QuantisedMaps {
  const length = mapLength(mapShape);
  const numBins = mapShape[2];
  const codes: (Int16Array | undefined)[] = Array.from({ length: numMaps });
  const steps = new Float32Array(numMaps * numBins);
  return {
    numMaps,
    mapShape,
    write(index, map) {
      requireMap(index, numMaps, map, length);
      const step = stepsOfBins(map, numBins);
      codes[index] = encode(map, step);
      steps.set(step, index * numBins);
    },
    read(index, out, offset) {
      const code = codes[index];
      if (!code) {
        out.fill(0, offset, offset + length);
        return;
      }
      decode(code, steps.subarray(index * numBins, (index + 1) * numBins), out, offset);
    },
  };
}

function stepsOfBins(map: Float32Array, numBins: number): Float32Array {
  const largest = new Float32Array(numBins);
  for (let i = 0; i < map.length; i++) {
    const magnitude = Math.abs(map[i]!);
    if (magnitude > largest[i % numBins]!) largest[i % numBins] = magnitude;
  }
  return largest.map((value) => value / LEVELS);
}

function encode(map: Float32Array, step: Float32Array): Int16Array {
  const numBins = step.length;
  const inverse = step.map((value) => (value > 0 ? 1 / value : 0));
  const code = new Int16Array(map.length);
  for (let i = 0; i < map.length; i += numBins) {
    for (let bin = 0; bin < numBins; bin++) code[i + bin] = Math.round(map[i + bin]! * inverse[bin]!);
  }
  return code;
}

function decode(code: Int16Array, step: Float32Array, out: Float32Array, offset: number): void {
  const numBins = step.length;
  let bin = 0;
  for (let i = 0; i < code.length; i++) {
    out[offset + i] = code[i] * step[bin];
    bin = bin + 1 === numBins ? 0 : bin + 1;
  }
}

function requireMap(index: number, numMaps: number, map: Float32Array, length: number): void {
  if (!Number.isInteger(index) || index < 0 || index >= numMaps) {
    throw new InvalidArgumentError(
      'index',
      `compressors.quantisedMaps: index must be in [0, ${numMaps}); got ${index}.`,
    );
  }
  if (map.length !== length) {
    throw new InvalidArgumentError(
      'map',
      `compressors.quantisedMaps: map must have ${length} values; got ${map.length}.`,
    );
  }
  if (!map.every(Number.isFinite)) {
    throw new InvalidArgumentError(
      'map',
      `compressors.quantisedMaps: map must be finite; got ${map.find((v) => !Number.isFinite(v))}. Leave failed simulations out.`,
    );
  }
}
