import { join } from 'node:path';
import type { FloatArray, NdArray } from '@lensfield/contracts';
import type { ChainsResult } from '@lensfield/hmc';
import { encodeNetcdf, type NetcdfVariable, writeFileAtomically } from '@lensfield/io';
import type { ExplicitResult } from '../recipes/explicit.ts';

type Statistics = ChainsResult['chains'][number]['statistics'];

/** Names of ArviZ for what is kept of every draw, and how it is stored there. */
const STATISTICS = {
  lp: ['logDensity', Float64Array],
  acceptance_rate: ['acceptanceRate', Float64Array],
  step_size: ['stepSize', Float64Array],
  tree_depth: ['treeDepth', Int32Array],
  n_steps: ['numIntegrationSteps', Int32Array],
  reached_max_treedepth: ['reachedMaxTreeDepth', Int8Array],
  diverging: ['isDivergent', Int8Array],
  energy: ['energy', Float64Array],
  energy_error: ['energyError', Float64Array],
} as const satisfies Record<string, readonly [keyof Statistics, unknown]>;

const AXES = ['chain', 'draw'];
/** As xarray marks booleans, which netCDF lacks. */
const BOOLEAN = { attributes: { dtype: 'bool' } };

/**
 * Writes `posterior.nc`: the draws of chains as ArviZ reads them, `posterior` with dimensions chain and draw, `sample_stats` beside it.
 *
 * @param samples  [chains, draws, parameters].
 * @param stats    By the name of ArviZ, [chains, draws] each.
 */
export async function writePosteriorNetcdf(
  folder: string,
  names: readonly string[],
  samples: NdArray<FloatArray>,
  stats: Readonly<Record<string, NetcdfVariable>>,
): Promise<void> {
  const [numChains, numDraws, size] = samples.shape as [number, number, number];
  const range = (length: number) => Int32Array.from({ length }, (_, i) => i);
  const dimensions = { chain: range(numChains), draw: range(numDraws) };
  const variables = names.map((name, column) => {
    const data = Float64Array.from(
      { length: numChains * numDraws },
      (_, row) => samples.data[row * size + column]!,
    );
    return [name, { dimensions: AXES, data }] as const;
  });
  const attributes = { inference_library: 'lensfield' };
  const posterior = { dimensions, variables: Object.fromEntries(variables), attributes };
  const groups = { posterior, sample_stats: { dimensions, variables: stats, attributes } };
  await writeFileAtomically(join(folder, 'posterior.nc'), encodeNetcdf(groups));
}

/** What the sampler kept of every draw, cut to the shortest chain as the draws are. */
export function sampleStats({ chains, sampling }: ExplicitResult): Record<string, NetcdfVariable> {
  const [numChains, numDraws] = chains.shape as [number, number];
  const entries = Object.entries(STATISTICS).map(([name, [statistic, Numbers]]) => {
    const data = new Numbers(numChains * numDraws);
    sampling.chains.forEach(({ statistics }, chain) => {
      data.set(statistics[statistic].subarray(0, numDraws), chain * numDraws);
    });
    return [name, { dimensions: AXES, data, ...(data instanceof Int8Array && BOOLEAN) }] as const;
  });
  return Object.fromEntries(entries);
}

/** Of independent draws there is only their log density, [draws]. */
export function logProbStats(logProb: Float64Array): Record<string, NetcdfVariable> {
  return { lp: { dimensions: AXES, data: logProb } };
}
