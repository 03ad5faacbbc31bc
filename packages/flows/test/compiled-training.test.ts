import { keyOf } from '@lensfield/kernels';
import { initTensors, kernelReport, runTraining } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import { createFlow, type FlowArchitecture, type FlowTrainingOptions, trainFlow } from '../src/index.ts';
import { normalArray } from './_fixtures.ts';

const NUM_ROWS = 320;
const context = normalArray(1, [NUM_ROWS, 2]);
const noise = normalArray(2, [NUM_ROWS, 3]);
const y = {
  shape: [NUM_ROWS, 3],
  data: noise.data.map((e, i) => Math.exp(0.3 * context.data[2 * Math.floor(i / 3)]!) * e + 0.2 * e * e),
};

const SMALL = { numLayers: 2, hiddenUnits: [16, 16] };
const kinds: readonly [name: string, architecture: FlowArchitecture][] = [
  ['affine', { ...SMALL, kind: 'affine', numLayers: 3, hiddenUnits: [32, 32] }],
  ['spline', { ...SMALL, kind: 'spline' }],
  ['smooth', { ...SMALL, kind: 'smooth', numSigmoids: 5 }],
  ['maf', { ...SMALL, kind: 'maf' }],
  ['maf of splines', { ...SMALL, kind: 'maf', transform: { kind: 'spline' } }],
  ['mixture', { kind: 'mixture', numComponents: 3, hiddenUnits: [16, 16] }],
];

const scores: readonly [name: string, score: Pick<FlowTrainingOptions, 'score'>][] = [
  ['log q', {}],
  ['log q and its score in y', { score: { of: 'y', values: noise, weight: 0.1 } }],
  ['log q and its score in the context', { score: { of: 'context', values: context, weight: 0.1 } }],
];

describe.each(['native', 'wasm'] as const)('on %s', (backend) => {
  describe.each(kinds)('%s', (_, architecture) => {
    /**
     * Replays make the same kernel calls as the tape, so a whole training agrees bit by bit, far below the 1e-4 that it must: any
     * difference is an error of the replay.
     */
    test.each(scores)('compiled training by %s equals that on the tape', async (_name, score) => {
      if (!(await loads(backend))) return;
      kernelReport({ reset: true });
      const flow = createFlow({ ...architecture, dimension: 3, contextDimension: 2 });
      const run = (compile: boolean) =>
        runTraining(
          trainFlow({ flow, y, context, ...score, key: keyOf(3), batchSize: 100, maxEpochs: 6, compile }),
        );
      const [compiled, taped] = [await run(true), await run(false)];
      expect(compiled.history).toEqual(taped.history);
      expect(compiled.parameters).toEqual(taped.parameters);
      expect(compiled.history.at(-1)!.trainLoss).toBeLessThan(compiled.history[0]!.trainLoss);
      expect(kernelReport().fallbacks).toEqual({});
    });
  });
});

async function loads(backend: 'native' | 'wasm'): Promise<boolean> {
  try {
    await initTensors({ backend });
    return true;
  } catch {
    return false;
  }
}
