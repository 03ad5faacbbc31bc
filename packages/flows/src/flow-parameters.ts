import { InvalidArgumentError } from '@lensfield/kernels';
import type { ParameterTree } from '@lensfield/tensors';
import type { RealNvp } from './real-nvp.ts';
import { identityStandardisation, type Standardisation } from './standardisation.ts';

/** A flow's numbers: trained weights, and the fixed standardisation in front of them. */
export interface FlowParameters {
  readonly weights: ParameterTree;
  readonly standardisation: Standardisation;
}

const WEIGHTS = 'weights/';
const STANDARDISATION = 'standardisation/';

/** The parameters as one flat set of named arrays, for a file. */
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
 * @throws {InvalidArgumentError} if an array of the standardisation is missing or does not fit the flow.
 */
export function fromArrays(flow: RealNvp, arrays: ParameterTree): FlowParameters {
  const withPrefix = (prefix: string) =>
    Object.fromEntries(
      Object.entries(arrays)
        .filter(([name]) => name.startsWith(prefix))
        .map(([name, array]) => [name.slice(prefix.length), array]),
    );
  const found = withPrefix(STANDARDISATION);
  const expected = identityStandardisation(flow.dimension, flow.contextDimension);
  for (const [name, { shape }] of Object.entries(expected)) {
    const got = found[name]?.shape;
    if (got?.join() === shape.join()) continue;
    throw new InvalidArgumentError(
      'arrays',
      `flows.fromArrays: arrays must hold ${STANDARDISATION}${name} of shape [${shape.join(', ')}]; got ${got ? `[${got.join(', ')}]` : 'none'}. Are these the arrays of another flow?`,
    );
  }
  return { weights: withPrefix(WEIGHTS), standardisation: found as unknown as Standardisation };
}
