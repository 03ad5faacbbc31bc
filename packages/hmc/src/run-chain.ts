import type { NdArray } from '@lensfield/contracts';
import { InvalidArgumentError } from '@lensfield/kernels';
import {
  type Chain,
  type ChainOptions,
  type ChainState,
  chainKeys,
  createChain,
  identityOf,
} from './chain.ts';
import { type ChainResult, chainResultOf, type StopReason } from './chain-result.ts';
import { decodeCheckpoint, encodeCheckpoint } from './checkpoint.ts';
import { rowsFrom } from './growing-rows.ts';
import { checkTarget, initialPositionOf, type Target } from './target.ts';

/** How far a chain is, after every draw. */
export interface ChainProgress {
  readonly phase: 'warmup' | 'sampling';
  /** Draws made, warm-up included. */
  readonly draw: number;
  /** Draws to make, warm-up included. */
  readonly total: number;
  readonly drawsPerSecond: number;
  /** Until all draws are made or the time is up. */
  readonly remainingSeconds: number;
  readonly stepSize: number;
  /** Mean over the draws of this phase. */
  readonly acceptanceRate: number;
  /** Divergences so far, warm-up included. */
  readonly numDivergences: number;
  /** Gradients so far, warm-up included. */
  readonly numGradients: number;
}

export interface RunChainOptions extends ChainOptions {
  /** Default: what the target proposes; see {@link Target}. */
  readonly initialPosition?: Float64Array;
  /** Bytes of a checkpoint of this chain to go on from. */
  readonly resume?: Uint8Array;
  /** Stops the chain before its next gradient; what it has is returned. */
  readonly signal?: AbortSignal;
  /** As `signal`, for places that have none. */
  readonly shouldStop?: () => boolean;
  /** Ends the chain after the first draw that passes this many minutes of wall-clock time. Default: no limit. */
  readonly minutes?: number;
  /** Receives a checkpoint every `checkpointMinutes` (default 1) and at the end. */
  readonly onCheckpoint?: (bytes: Uint8Array) => void | Promise<void>;
  readonly checkpointMinutes?: number;
  /**
   * Receives the recorded coordinates of the draws after warm-up as they come, several times a second, [draws, recorded]; those of a
   * checkpoint first.
   */
  readonly onDraws?: (draws: NdArray<Float64Array>) => void;
}

/** The result of {@link runChain}, with the state from which it can be continued. */
export interface RunChainResult extends ChainResult {
  readonly state: ChainState;
}

/** The event loop gets a turn this often, so that signals, timers and pages are served. */
const TURN_MS = 50;

/**
 * Runs one chain: yields its progress after every draw, returns its result.
 *
 * The draws depend on the options and the target only, not on time, progress or interruptions: a chain that is stopped, written
 * and resumed gives the same bytes as one that ran through (test/run-chain.test.ts).
 *
 * @throws {InvalidArgumentError} if an option is out of range, or the checkpoint is of another chain.
 * @throws {NumericalError} if the log density is not finite at the start.
 *
 * @example
 * for await (const progress of runChain(target, { key: keyOf(1), numWarmup: 500, numSamples: 1000 })) report(progress);
 */
export async function* runChain(
  target: Target,
  options: RunChainOptions,
): AsyncGenerator<ChainProgress, RunChainResult, undefined> {
  const { numWarmup, numSamples, minutes = Number.POSITIVE_INFINITY, checkpointMinutes = 1 } = options;
  checkTarget(target);
  checkMinutes('minutes', minutes);
  checkMinutes('checkpointMinutes', checkpointMinutes);
  const isTold = () => options.signal?.aborted === true || options.shouldStop?.() === true;
  const chain = createChain(target.logDensityAndGradient, target.dimension, options, isTold);
  const start = performance.now();
  const state = stateToStartFrom(chain, target, options);
  const firstDraw = state.draw;
  let lastTurn = start;
  let lastCheckpoint = start;
  let stopReason: StopReason | undefined;
  let numTold = 0;
  const tellDraws = () => {
    const { samples } = state.record;
    if (samples.count > numTold) options.onDraws?.(rowsFrom(samples, numTold));
    numTold = samples.count;
  };

  while (stopReason === undefined) {
    if (state.draw >= numWarmup + numSamples) stopReason = 'complete';
    else if (isTold() || !chain.advance(state)) stopReason = 'aborted';
    else {
      yield progressOf(state, options, minutes, firstDraw, (performance.now() - start) / 1000);
      if (performance.now() - start >= minutes * 60_000) stopReason = 'time';
    }
    const now = performance.now();
    if (now - lastTurn >= TURN_MS) {
      tellDraws();
      await new Promise((resolve) => setTimeout(resolve, 0));
      lastTurn = performance.now();
    }
    if (options.onCheckpoint !== undefined && now - lastCheckpoint >= checkpointMinutes * 60_000) {
      await options.onCheckpoint(encodeCheckpoint(state));
      lastCheckpoint = performance.now();
    }
  }
  tellDraws();
  await options.onCheckpoint?.(encodeCheckpoint(state));
  return { ...chainResultOf(state, numWarmup, stopReason), state };
}

/** Runs a chain to its end and returns its result; `onProgress` sees every draw. */
export async function finishChain(
  target: Target,
  options: RunChainOptions,
  onProgress: (progress: ChainProgress) => void = () => {},
): Promise<RunChainResult> {
  const chain = runChain(target, options);
  for (;;) {
    const next = await chain.next();
    if (next.done) return next.value;
    onProgress(next.value);
  }
}

function stateToStartFrom(chain: Chain, target: Target, options: RunChainOptions): ChainState {
  if (options.resume !== undefined) return resumed(options.resume, target, options);
  const position = options.initialPosition ?? initialPositionOf(target, chainKeys(options.key).startKey);
  if (position.length !== target.dimension) {
    throw new InvalidArgumentError(
      'initialPosition',
      `hmc.runChain: initialPosition must have length ${target.dimension}; got ${position.length}.`,
    );
  }
  return chain.init(position);
}

/** Relative difference of a log density computed anew from the one in a checkpoint that another backend's rounding explains. */
const SAME_DENSITY = 1e-6;

function resumed(bytes: Uint8Array, target: Target, options: RunChainOptions): ChainState {
  const state = decodeCheckpoint(bytes);
  const expected = identityOf(options, target.dimension);
  if (state.identity !== expected) {
    throw new InvalidArgumentError(
      'resume',
      `hmc.runChain: resume must be a checkpoint of a chain with the same options; got ${state.identity} for ${expected}. ` +
        'Only numSamples may change.',
    );
  }
  const { position, logDensity } = state.sampler;
  const again = target.logDensityAndGradient(position.slice(), new Float64Array(position.length));
  if (!(Math.abs(again - logDensity) <= SAME_DENSITY * Math.max(1, Math.abs(logDensity)))) {
    throw new InvalidArgumentError(
      'resume',
      `hmc.runChain: resume must be a checkpoint of a chain on the same target; got log density ${logDensity} there and ` +
        `${again} now. Use the data and the model with which the chain began.`,
    );
  }
  return state;
}

function progressOf(
  state: ChainState,
  { numWarmup, numSamples }: ChainOptions,
  minutes: number,
  firstDraw: number,
  seconds: number,
): ChainProgress {
  const { acceptance, divergentDraws } = state.record;
  const total = numWarmup + numSamples;
  const drawsPerSecond = (state.draw - firstDraw) / Math.max(seconds, 1e-9);
  return {
    phase: state.draw <= numWarmup && numWarmup > 0 ? 'warmup' : 'sampling',
    draw: state.draw,
    total,
    drawsPerSecond,
    remainingSeconds: Math.max(0, Math.min((total - state.draw) / drawsPerSecond, minutes * 60 - seconds)),
    stepSize: state.adaptation.stepSize,
    acceptanceRate: acceptance.sum / acceptance.count,
    numDivergences: divergentDraws.length,
    numGradients: state.gradients.warmup + state.gradients.sampling,
  };
}

function checkMinutes(argument: string, minutes: number): void {
  if (minutes > 0) return;
  throw new InvalidArgumentError(argument, `hmc.runChain: ${argument} must be above 0; got ${minutes}.`);
}
