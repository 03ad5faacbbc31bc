/** A row of the convergence of explicit inference: the first n draws of the paper's NUTS chains against all 160 000. */
export interface PublishedConvergence {
  readonly draws: number;
  /** As the paper counts: 63 gradients a draw, a gradient being two simulations; warm-up left out. */
  readonly simulations: number;
  readonly c2st: number;
  /** Smallest effective size of a parameter. */
  readonly ess: number;
}

/** Simulations that the paper counts for one gradient of the joint density. */
export const SIMULATIONS_PER_GRADIENT = 2;

/** Source: arXiv 2409.17975, result files of its public code (`convergence_hmc_results`). */
export const PUBLISHED_CONVERGENCE: readonly PublishedConvergence[] = [
  { draws: 200, simulations: 25_200, c2st: 0.825, ess: 13 },
  { draws: 500, simulations: 63_000, c2st: 0.765, ess: 24 },
  { draws: 1000, simulations: 126_000, c2st: 0.722, ess: 77 },
  { draws: 1500, simulations: 189_000, c2st: 0.684, ess: 108 },
  { draws: 2000, simulations: 252_000, c2st: 0.667, ess: 155 },
  { draws: 3000, simulations: 378_000, c2st: 0.644, ess: 247 },
  { draws: 5000, simulations: 630_000, c2st: 0.611, ess: 396 },
  { draws: 10_000, simulations: 1_260_000, c2st: 0.574, ess: 662 },
  { draws: 20_000, simulations: 2_520_000, c2st: 0.539, ess: 1328 },
  { draws: 50_000, simulations: 6_300_000, c2st: 0.517, ess: 2803 },
  { draws: 100_000, simulations: 12_600_000, c2st: 0.516, ess: 5653 },
];

/** C2ST at which the paper calls a posterior converged. */
export const CONVERGED_C2ST = 0.6;

/** Figures of merit on the public map. Source: arXiv 2407.10877, table of its draft. */
export const PUBLISHED_MERITS = [
  { plane: ['omega_c', 'sigma_8'], spectra: 1222, fullField: 2520 },
  { plane: ['omega_c', 'w_0'], spectra: 100, fullField: 198 },
  { plane: ['sigma_8', 'w_0'], spectra: 77, fullField: 176 },
] as const;
