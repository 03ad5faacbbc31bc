import { InvalidArgumentError, keyOf } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import type { Flow } from './flow.ts';
import { initFlow } from './initial-weights.ts';
import { identityStandardisation, type Standardisation } from './standardisation.ts';

/** A flow's numbers: trained weights, and the fixed standardisation in front of them. */
export interface FlowParameters {
  readonly weights: ParameterTree;
  readonly standardisation: Standardisation;
}

const WEIGHTS = 'weights/';
const STANDARDISATION = 'standardisation/';

/** The parameters as one flat set of named arrays, for a file; a flow is plain data that can stand beside them. */
export function toArrays(parameters: FlowParameters): ParameterTree {
  const prefixed = (prefix: string, tree: ParameterTree) =>
    Object.entries(tree).map(([name, array]) => [prefix + name, array] as const);
  return Object.fromEntries([
    ...prefixed(WEIGHTS, parameters.weights),
    ...prefixed(STANDARDISATION, parameters.standardisation as unknown as ParameterTree),
  ]);
}

/**
 * The inverse of {@link toArrays}.
 *
 * @throws {InvalidArgumentError} if an array is missing or does not fit the flow.
 */
export function fromArrays(flow: Flow, arrays: ParameterTree): FlowParameters {
  const expected = toArrays({
    weights: initFlow(keyOf(0), flow),
    standardisation: identityStandardisation(flow.dimension, flow.contextDimension),
  });
  for (const [name, { shape }] of Object.entries(expected)) {
    const got = arrays[name]?.shape;
    if (got?.join() === shape.join()) continue;
    throw new InvalidArgumentError(
      'arrays',
      `flows.fromArrays: arrays must hold ${name} of shape [${shape.join(', ')}]; got ${got ? `[${got.join(', ')}]` : 'none'}. Are these the arrays of another flow?`,
    );
  }
  const withPrefix = (prefix: string) =>
    Object.fromEntries(
      Object.entries(arrays)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, array]) => [name.slice(prefix.length), array]),
    );
  return {
    weights: withPrefix(WEIGHTS),
    standardisation: withPrefix(STANDARDISATION) as unknown as Standardisation,
  };
}
