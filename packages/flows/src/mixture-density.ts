import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError, uniformFloat64 } from '@lensfield/kernels';
import type { FlowDensity } from './conditional-density.ts';

/**
 * The equal-weight mixture of several densities: an ensemble of flows as one. Its log density is never below the mean of
 * theirs, so an ensemble evens out what a single training gets wrong.
 *
 * A draw comes from one member, chosen at random.
 *
 * @throws {InvalidArgumentError} if there is no member, or the members differ in size.
 */
export function mixtureDensity(members: readonly FlowDensity[]): FlowDensity {
  const first = members[0];
  if (
    !first ||
    members.some((m) => m.dimension !== first.dimension || m.contextDimension !== first.contextDimension)
  ) {
    throw new InvalidArgumentError(
      'members',
      `flows.mixtureDensity: members must be one or more densities of one size; got ${members.length} of sizes ${members.map((m) => `${m.dimension}|${m.contextDimension}`).join(', ')}.`,
    );
  }
  if (members.length === 1) return first;
  const { dimension, contextDimension } = first;
  const sampleMany = (key: Key, context: NdArray<Float32Array>, draws: number) => {
    const numContexts = context.shape[0]!;
    const members32 = members.map((member, i) => member.sampleMany(foldIn(key, i + 1), context, draws).data);
    const choice = uniformFloat64(foldIn(key, 0), numContexts * draws);
    const data = new Float32Array(numContexts * draws * dimension);
    choice.forEach((u, row) => {
      const source = members32[Math.floor(u * members.length)]!;
      for (let j = 0; j < dimension; j++) data[row * dimension + j] = source[row * dimension + j]!;
    });
    return { shape: [numContexts, draws, dimension], data };
  };
  return {
    dimension,
    contextDimension,
    logProb: (y, context) => logMeanExp(members.map((m) => m.logProb(y, context))),
    sample(key, context, n) {
      const { data } = sampleMany(key, { shape: [1, context.length], data: context }, n);
      return { shape: [n, dimension], data };
    },
    sampleMany,
    scoreOf(y, context) {
      const logProbs = members.map((m) => m.logProb(y, context));
      const total = logMeanExp(logProbs);
      const data = new Float32Array(y.data.length);
      members.forEach((member, k) => {
        const score = member.scoreOf(y, context).data;
        for (let i = 0; i < data.length; i++) {
          const row = Math.floor(i / dimension);
          data[i]! += (Math.exp(logProbs[k]![row]! - total[row]!) / members.length) * score[i]!;
        }
      });
      return { shape: y.shape, data };
    },
  };
}

/** log of the mean of exponentials, element by element. */
function logMeanExp(values: readonly Float32Array[]): Float32Array {
  return values[0]!.map((_, i) => {
    const largest = Math.max(...values.map((v) => v[i]!));
    if (!Number.isFinite(largest)) return largest;
    const sum = values.reduce((total, v) => total + Math.exp(v[i]! - largest), 0);
    return largest + Math.log(sum / values.length);
  });
}
