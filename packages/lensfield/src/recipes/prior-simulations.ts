import { averagePool, type MapSet, quantisedMaps } from '@lensfield/compressors';
import type { Key, NdArray } from '@lensfield/contracts';
import { foldIn } from '@lensfield/kernels';
import { type Parity, type Survey, simulationBatches } from '@lensfield/lognormal';
import type { JointPrior } from '@lensfield/sbi';
import type { Progress } from '../command-line/progress.ts';

export interface PriorSimulationOptions {
  readonly survey: Survey;
  readonly parity: Parity;
  readonly prior: JointPrior;
  readonly key: Key;
  readonly count: number;
  /** Pixels of a simulation along each side of a kept pixel. */
  readonly pooling: number;
  readonly workers: number;
  readonly backend: 'native' | 'wasm';
  readonly signal?: AbortSignal;
  readonly progress: Progress;
}

/** Simulations from the prior: noiseless maps, in memory, in 16 bits. */
export interface PriorSimulations {
  readonly maps: MapSet;
  /** Free parameters of the maps, [maps.numMaps, prior.names.length]. */
  readonly theta: NdArray<Float64Array>;
  /** Simulations that could not be made (a prior draw that describes no universe), with the reason of the first. */
  readonly numFailed: number;
  readonly firstFailure: string | undefined;
  readonly seconds: number;
}

/** Folds of the key: parameters, maps. */
const PARAMETERS = 0;
const MAPS = 1;

/** Draws parameters from the prior and simulates a noiseless map for each; noise is drawn in training. */
export async function simulatePrior(options: PriorSimulationOptions): Promise<PriorSimulations> {
  const { survey, parity, prior, key, count, pooling, workers, backend, signal, progress } = options;
  const free = prior.sample(foldIn(key, PARAMETERS), count);
  const numFree = prior.names.length;
  const { mapSize, galaxiesPerArcmin2 } = survey;
  const keptSize = mapSize / pooling;
  const maps = quantisedMaps(count, [keptSize, keptSize, galaxiesPerArcmin2.length]);
  const theta = new Float64Array(count * numFree);
  const stage = progress.stage('simulations', count, 'maps');
  let numKept = 0;
  let numFailed = 0;
  let firstFailure: string | undefined;
  const batches = simulationBatches({
    survey,
    parity,
    theta: { shape: [count, prior.parameterNames.length], data: prior.complete(free.data) },
    key: foldIn(key, MAPS),
    noise: false,
    workers,
    backend,
    ...(signal && { signal }),
  });
  for await (const batch of batches) {
    const length = batch.maps.data.length / Math.max(1, batch.ids.length);
    batch.ids.forEach((id, i) => {
      const map = batch.maps.data.subarray(i * length, (i + 1) * length);
      maps.write(numKept, averagePool(map, [mapSize, mapSize, galaxiesPerArcmin2.length], pooling));
      theta.set(free.data.subarray(id * numFree, (id + 1) * numFree), numKept * numFree);
      numKept++;
    });
    numFailed += batch.failures.length;
    firstFailure ??= batch.failures[0]?.reason;
    stage.update(numKept + numFailed, { failed: numFailed });
  }
  return {
    maps: { ...maps, numMaps: numKept },
    theta: { shape: [numKept, numFree], data: theta.slice(0, numKept * numFree) },
    numFailed,
    firstFailure,
    seconds: stage.finish(),
  };
}

/** Maps and the parameters behind them. */
export type SimulationPart = Pick<PriorSimulations, 'maps' | 'theta'>;

/** Simulations `start` to `end` of a set. */
export function simulationRange(simulations: PriorSimulations, start: number, end: number): SimulationPart {
  const { maps, theta } = simulations;
  const width = theta.shape[1]!;
  return {
    maps: {
      numMaps: end - start,
      mapShape: maps.mapShape,
      read: (index, out, offset) => maps.read(start + index, out, offset),
    },
    theta: { shape: [end - start, width], data: theta.data.slice(start * width, end * width) },
  };
}
