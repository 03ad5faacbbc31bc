import type { FloatArray, Key, NdArray } from '@lensfield/contracts';
import { foldIn, InvalidArgumentError } from '@lensfield/kernels';
import type { JointPrior } from './joint-prior.ts';
import type { ObservedPosterior } from './posterior-estimator.ts';
import { type RoundMethod, type RoundMethods, roundMethods } from './round-methods.ts';
import type { SampledPosterior } from './sampled-posterior.ts';
import { type SimulationLedger, type SimulationSet, validSimulations } from './simulation-ledger.ts';
import { truncatePrior } from './truncated-prior.ts';

export interface SequentialOptions extends RoundMethods {
  readonly key: Key;
  readonly prior: JointPrior;
  /** The summaries of the observation that all rounds are about. */
  readonly observation: Float32Array;
  /**
   * `nle` and `nre`: parameters of the next round are draws of the present posterior. `tsnpe`: NPE whose prior is cut to the region that
   * holds the posterior, see `truncatePrior`.
   */
  readonly method: RoundMethod;
  /** Simulations of each round; as many rounds as numbers. */
  readonly simulations: readonly number[];
  /** Summaries [n, s] of parameters [n, d]; rows that are not finite are left out and counted. The key is of the round. */
  readonly simulate: (
    theta: NdArray<Float64Array>,
    key: Key,
  ) => NdArray<Float32Array> | Promise<NdArray<Float32Array>>;
  /** Of `tsnpe`: share of the posterior that the region keeps. Default 0.999. */
  readonly posteriorMass?: number;
  readonly signal?: AbortSignal;
  /** A state of an earlier run with the same options: goes on with the next round, to the same bytes. */
  readonly resume?: SequentialState;
}

/** Plain data from which the next round goes on. */
export interface SequentialState {
  readonly rounds: readonly SequentialRoundState[];
}

/** Simulations of a round, and the members trained after it. */
export interface SequentialRoundState extends SimulationSet {
  readonly members: readonly unknown[];
}

/** A round that is over. */
export interface SequentialRound {
  /** From 1. */
  readonly round: number;
  readonly numRounds: number;
  /** Of the observation, after this round. */
  readonly posterior: ObservedPosterior | SampledPosterior;
  /** Of all simulations so far. For `tsnpe` those outside the present region count as outside the prior. */
  readonly ledger: SimulationLedger;
  /** Share of the prior that this round simulated; 1 unless `tsnpe` has cut it. */
  readonly priorMass: number;
  readonly state: SequentialState;
}

/** Folds of the key of a round. */
const PARAMETERS = 0;
const SIMULATIONS = 1;
const TRAINING = 2;
const TRUNCATION = 3;

/**
 * Rounds of simulation and training that close in on one observation: each trains anew on the simulations of all rounds.
 *
 * No simulation is held out: those of later rounds are no draws of the prior, on which calibration is defined. Calibrate by one round of the
 * method, or by simulations from the posterior.
 *
 * @returns An async generator of rounds; it ends early, without the round that was on its way, when the signal is raised.
 * @throws {InvalidArgumentError} if the shapes do not fit or too few simulations are usable.
 *
 * Accuracy: `test/sequential.test.ts`, against exact posteriors.
 * Source: Papamakarios, Sterratt & Murray (2019), arXiv 1805.07226 (`nle`); Durkan, Murray & Papamakarios (2020), arXiv 2002.03712 (`nre`);
 * Deistler, Goncalves & Macke (2022), arXiv 2210.04815 (`tsnpe`).
 */
export async function* sequential(options: SequentialOptions): AsyncGenerator<SequentialRound, void> {
  const { simulations, signal } = options;
  requireRounds(simulations);
  const rounds: SequentialRoundState[] = [];
  let before: Outcome | undefined;
  for (let r = 0; r < simulations.length; r++) {
    const prior = priorOfRound(options, r, before);
    const known = options.resume?.rounds[r];
    const set = known ?? (await simulateRound(options, r, prior, before));
    const outcome = await learn(options, r, prior, [...rounds, set], known?.members);
    if (outcome === undefined || signal?.aborted) return;
    rounds.push({ theta: set.theta, summaries: set.summaries, members: outcome.members });
    before = outcome;
    if (known) continue;
    yield {
      round: r + 1,
      numRounds: simulations.length,
      posterior: outcome.posterior,
      ledger: outcome.ledger,
      priorMass: prior.region?.mass ?? 1,
      state: { rounds: rounds.slice() },
    };
  }
}

interface Outcome {
  readonly prior: JointPrior;
  readonly posterior: ObservedPosterior | SampledPosterior;
  readonly members: readonly unknown[];
  readonly ledger: SimulationLedger;
}

/** The prior, which truncation cuts after every round. */
function priorOfRound(
  { key, prior, method, posteriorMass }: SequentialOptions,
  round: number,
  before: Outcome | undefined,
): JointPrior {
  if (method !== 'tsnpe' || !before) return prior;
  return truncatePrior({
    key: foldIn(foldIn(key, round), TRUNCATION),
    prior: before.prior,
    posterior: before.posterior,
    ...(posteriorMass !== undefined && { posteriorMass }),
  });
}

async function simulateRound(
  { key, method, simulations, simulate }: SequentialOptions,
  round: number,
  prior: JointPrior,
  before: Outcome | undefined,
): Promise<SimulationSet> {
  const roundKey = foldIn(key, round);
  const source = method === 'tsnpe' || !before ? prior : before.posterior;
  const { shape, data } = source.sample(foldIn(roundKey, PARAMETERS), simulations[round]);
  const theta = { shape, data: Float64Array.from(data) };
  return { theta, summaries: await simulate(theta, foldIn(roundKey, SIMULATIONS)) };
}

/** Trains on all rounds, or takes the members that did; undefined if the signal stopped it. */
async function learn(
  options: SequentialOptions,
  round: number,
  prior: JointPrior,
  sets: readonly SimulationSet[],
  members: readonly unknown[] | undefined,
): Promise<Outcome | undefined> {
  const all = joined(sets);
  const rows = validSimulations('sbi.sequential', prior, all);
  const { train, estimatorFrom } = roundMethods[options.method];
  const key = foldIn(foldIn(options.key, round), TRAINING);
  const { signal } = options;
  const settings = { ...all, key, prior, ...(signal && { signal }) };
  const trained = members ?? (await train(settings, options, rows));
  if (trained === undefined) return undefined;
  const posterior = estimatorFrom(settings, options, rows, trained).posteriorFor(options.observation);
  return { prior, posterior, members: trained, ledger: rows.ledger };
}

function joined(sets: readonly SimulationSet[]): SimulationSet {
  const rows = sets.reduce((sum, { theta }) => sum + theta.shape[0], 0);
  const [size, width] = [sets[0].theta.shape[1], sets[0].summaries.shape[1]];
  const join = <T extends FloatArray>(out: T, parts: readonly FloatArray[]): T => {
    let at = 0;
    for (const part of parts) {
      out.set(part, at);
      at += part.length;
    }
    return out;
  };
  const theta = join(
    new Float64Array(rows * size),
    sets.map((set) => set.theta.data),
  );
  const summaries = join(
    new Float32Array(rows * width),
    sets.map((set) => set.summaries.data),
  );
  return {
    theta: { shape: [rows, size], data: theta },
    summaries: { shape: [rows, width], data: summaries },
  };
}

function requireRounds(simulations: readonly number[]): void {
  const isGood = simulations.length > 0 && simulations.every((n) => Number.isInteger(n) && n >= 1);
  if (isGood) return;
  throw new InvalidArgumentError(
    'simulations',
    `sbi.sequential: simulations must name a positive whole number for each round; got [${simulations.join(', ')}].`,
  );
}
