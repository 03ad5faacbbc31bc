import type { NetcdfGroup } from '../src/index.ts';

/** A posterior of three chains as in `fixtures/netcdf/read.py`: value k of variable v is k / 8 + v, and its statistics. */
export function exampleGroups(): Record<string, NetcdfGroup> {
  const [numChains, numDraws] = [3, 5];
  const size = numChains * numDraws;
  const dimensions = {
    chain: Int32Array.from({ length: numChains }, (_, i) => i),
    draw: Int32Array.from({ length: numDraws }, (_, i) => i),
  };
  const axes = ['chain', 'draw'];
  const values = (v: number) => Float64Array.from({ length: size }, (_, k) => k / 8 + v);
  const variables = Array.from({ length: 11 }, (_, v) => [`v${v}`, { dimensions: axes, data: values(v) }]);
  return {
    posterior: {
      dimensions,
      variables: Object.fromEntries(variables),
      attributes: { inference_library: 'lensfield', note: 'ΛCDM' },
    },
    sample_stats: {
      dimensions,
      variables: {
        lp: { dimensions: axes, data: Float32Array.from(values(-7)) },
        n_steps: { dimensions: axes, data: Int32Array.from(values(0), (value) => 8 * value - 3) },
        diverging: {
          dimensions: axes,
          data: Int8Array.from(values(0), (value) => (value > 1 ? 1 : 0)),
          attributes: { dtype: 'bool' },
        },
        step_size: { dimensions: ['chain'], data: Float64Array.of(0.1, 0.2, Number.NaN) },
      },
    },
  };
}
