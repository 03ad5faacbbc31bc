import type { NdArray } from '@lensfield/contracts';
import { figureOfMerit, type ParameterSummary, summarizeSamples } from '@lensfield/diagnostics';

/** What `summary.json` says of a posterior, and what `--json` prints. */
export interface PosteriorSummary {
  readonly parameters: readonly ParameterSummary[];
  /** det(C)^(-1/2) of each pair of parameters, by `a, b`. */
  readonly figureOfMerit: Readonly<Record<string, number>>;
}

export function summaryOf(
  names: readonly string[],
  samples: NdArray<Float32Array | Float64Array>,
): PosteriorSummary {
  const pairs = names.flatMap((a, i) =>
    names.slice(i + 1).map((b, k) => [`${a}, ${b}`, figureOfMerit(samples, i, i + 1 + k)] as const),
  );
  return { parameters: summarizeSamples(samples, { names }), figureOfMerit: Object.fromEntries(pairs) };
}
