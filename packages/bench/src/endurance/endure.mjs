import { kernelReport, tf } from '@lensfield/tensors';
import { collectGarbage, watchGarbage } from './garbage.mjs';
import { ROUND } from './rounds.mjs';

/** What lives after a full collection, and when the collection began and ended. */
async function snapshot(step) {
  const from = performance.now();
  await collectGarbage();
  const { numTensors, numDataBuffers } = tf.memory();
  const pooledBytes = kernelReport().bytes;
  // All that JavaScript knows of: native arrays of tensors, programs and optimisers, and whatever else is alive.
  const arrayBytes = process.memoryUsage().arrayBuffers;
  return { step, from, to: performance.now(), live: { numTensors, numDataBuffers, pooledBytes, arrayBytes } };
}

/**
 * Trains a network, compiled, and watches what stays behind. Growth, garbage and time are those of the last nine tenths: the first
 * steps trace and take the memory that the others use.
 *
 * @param kernels  The engine that the tensors run on.
 * @returns `{ steps, fallbacks, growth: { numTensors, numDataBuffers, pooledBytes, arrayBytes }, garbageShare, milliseconds }`;
 *   fallbacks of all steps and of what the training does before them.
 */
export async function endure(network, kernels, numRounds) {
  const numSteps = ROUND * numRounds;
  const garbage = watchGarbage();
  kernelReport({ reset: true });
  let [first, last] = [];
  for await (const { step } of network.train({ kernels, numRounds, compile: true })) {
    if (!first && step >= Math.max(2 * ROUND, numSteps / 10)) first = await snapshot(step);
    else if (step >= numSteps) last = await snapshot(step);
  }
  const fallbacks = kernelReport().fallbacks;
  const growth = Object.entries(last.live).map(([name, value]) => [name, value - first.live[name]]);
  const milliseconds = last.from - first.to;
  return {
    steps: last.step,
    fallbacks: Object.values(fallbacks).reduce((sum, count) => sum + count, 0),
    growth: Object.fromEntries(growth),
    garbageShare: (await garbage.stop(first.to, last.from)) / milliseconds,
    milliseconds: milliseconds / (last.step - first.step),
  };
}
