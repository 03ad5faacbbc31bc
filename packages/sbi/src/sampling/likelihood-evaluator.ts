import {
  arraysOf,
  compile,
  kernelReport,
  type ParameterTree,
  type TensorTree,
  tensorsOf,
  tf,
} from '@lensfield/tensors';

/**
 * What a trained network says of log p(summaries | u), up to a function of the summaries: u [n, d] and summaries [n, s] as tensors, and
 * the result [n], differentiable in u.
 */
export type LogLikelihoodTensor = (u: tf.Tensor2D, summaries: tf.Tensor2D) => tf.Tensor1D;

/** The networks of an ensemble, and how they are taken together. */
export interface EnsembleLikelihood {
  readonly members: readonly LogLikelihoodTensor[];
  /** `mixture`: mean of the likelihoods. `mean`: mean of their logarithms. */
  readonly combination: 'mixture' | 'mean';
  /** Lengths of u and of the summaries. */
  readonly dimension: number;
  readonly numSummaries: number;
}

/** A likelihood of at most so many rows. Owns memory until `dispose` if it is compiled. */
export interface LikelihoodEvaluator {
  readonly rows: number;
  /** Fills `values` [n], and `gradients` in u [n, d], from u [n, d] and summaries [n, s]; n is at most `rows`. */
  evaluate(u: Float32Array, summaries: Float32Array, values: Float64Array, gradients?: Float64Array): void;
  dispose(): void;
}

/**
 * The evaluator of as many rows at once.
 *
 * @param isCompiled  Worth its price for more than a few calls. Backends that cannot compile run op by op.
 */
export function likelihoodEvaluator(
  likelihood: EnsembleLikelihood,
  rows: number,
  isCompiled = true,
): LikelihoodEvaluator {
  const { members, combination, dimension, numSummaries } = likelihood;
  const u = new Float32Array(rows * dimension);
  const summaries = new Float32Array(rows * numSummaries);
  const inputs = {
    u: { shape: [rows, dimension], data: u },
    summaries: { shape: [rows, numSummaries], data: summaries },
  };
  const values = step(isCompiled, (tensors) => outputsOf(members, tensors, false));
  const withGradients = step(isCompiled, (tensors) => outputsOf(members, tensors, true));
  return {
    rows,
    evaluate(uRows, summaryRows, out, gradients) {
      // Rows beyond those given hold what they held before, and are not read.
      u.set(uRows);
      summaries.set(summaryRows);
      const results = (gradients ? withGradients : values).run(inputs);
      const weights = combine(results, members.length, combination, out);
      if (gradients) combineGradients(results, weights, dimension, gradients);
    },
    dispose() {
      values.dispose();
      withGradients.dispose();
    },
  };
}

function outputsOf(
  members: readonly LogLikelihoodTensor[],
  { u, summaries }: TensorTree,
  withGradients: boolean,
): TensorTree {
  const entries = members.flatMap((member, k): [string, tf.Tensor][] => {
    const logLikelihoodAt = (at: tf.Tensor) => member(at as tf.Tensor2D, summaries as tf.Tensor2D);
    if (!withGradients) return [[`value${k}`, logLikelihoodAt(u!)]];
    // With ones as the direction: the gradient of each row's value in its own row.
    const { value, grad } = tf.valueAndGrad(logLikelihoodAt)(u!, tf.ones([u!.shape[0]!]));
    return [
      [`value${k}`, value],
      [`gradient${k}`, grad],
    ];
  });
  return Object.fromEntries(entries);
}

/** Writes the value of each row and returns the weight of each member in each row, [members][n]. */
function combine(
  results: ParameterTree,
  numMembers: number,
  combination: EnsembleLikelihood['combination'],
  out: Float64Array,
): Float64Array[] {
  const logs = Array.from({ length: numMembers }, (_, k) => results[`value${k}`]!.data);
  const weights = logs.map(() => new Float64Array(out.length).fill(1 / numMembers));
  for (let row = 0; row < out.length; row++) {
    const largest = Math.max(...logs.map((log) => log[row]));
    if (combination === 'mean' || !Number.isFinite(largest)) {
      out[row] = logs.reduce((sum, log) => sum + log[row] / numMembers, 0);
      continue;
    }
    const total = logs.reduce((sum, log) => sum + Math.exp(log[row] - largest), 0);
    out[row] = largest + Math.log(total / numMembers);
    weights.forEach((weight, k) => {
      weight[row] = Math.exp(logs[k][row] - largest) / total;
    });
  }
  return weights;
}

function combineGradients(
  results: ParameterTree,
  weights: readonly Float64Array[],
  dimension: number,
  gradients: Float64Array,
): void {
  gradients.fill(0);
  weights.forEach((weight, k) => {
    const { data } = results[`gradient${k}`]!;
    for (let i = 0; i < gradients.length; i++) gradients[i] += weight[Math.floor(i / dimension)] * data[i];
  });
}

interface Step {
  run(inputs: ParameterTree): ParameterTree;
  dispose(): void;
}

function step(isCompiled: boolean, f: (tensors: TensorTree) => TensorTree): Step {
  const { backend } = kernelReport();
  if (isCompiled && (backend === 'native' || backend === 'wasm')) {
    const compiled = compile(f);
    return { run: compiled, dispose: compiled.dispose };
  }
  return {
    run: (inputs) => {
      let results: ParameterTree = {};
      tf.tidy(() => {
        results = arraysOf(f(tensorsOf(inputs)));
      });
      return results;
    },
    dispose() {},
  };
}
