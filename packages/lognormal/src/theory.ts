/** Derivatives of {@link FieldStatistics} in the cosmological parameters, rows in the order of the parameters. */
export interface FieldStatisticsJacobian {
  /** [parameters, pairs, nodes]. */
  readonly spectra: Float64Array;
  /** [parameters, bins]. */
  readonly shifts: Float64Array;
}

/** What a cosmology says about log-normal convergence maps. */
export interface FieldStatistics {
  /** Convergence spectra at the multipoles asked for, dimensionless, [pairs, nodes], pairs (0,0), (0,1), ..., (1,1), ... */
  readonly spectra: Float64Array;
  /** Minus the smallest convergence possible, [bins]. */
  readonly shifts: Float64Array;
  /** Present when asked for. */
  readonly jacobian?: FieldStatisticsJacobian;
}

/** Field statistics as a function of the parameters; throws where the parameters describe no universe. */
export type Theory = (theta: Float64Array, options: { readonly jacobian: boolean }) => FieldStatistics;
