import { keyOf } from '@lensfield/kernels';
import { initTensors } from '@lensfield/tensors';
import { describe, expect, test } from 'vitest';
import { conditionalDensity, createFlow, fromArrays, toArrays } from '../src/index.ts';
import { bentFlow } from './_fixtures.ts';

await initTensors();

const bent = bentFlow(5, 3, 2, 0.2);
const density = conditionalDensity(bent.flow, bent.parameters);
const context = Float32Array.from([0.3, -0.8]);
const sharedContext = { shape: [1, 2], data: context };

test('shapes that do not fit are refused', () => {
  const draws = density.sample(keyOf(1), context, 4);
  expect(() => density.logProb({ shape: [6, 2], data: draws.data }, sharedContext)).toThrow(
    'y must have shape [n, 3]; got [6, 2]',
  );
  expect(() => density.logProb(draws, { shape: [3, 2], data: new Float32Array(6) })).toThrow(
    'context must have shape [1 or 4, 2]; got [3, 2]',
  );
});

describe('saved arrays', () => {
  test('bring the density back', () => {
    const arrays = toArrays(bent.parameters);
    const again = conditionalDensity(bent.flow, fromArrays(bent.flow, arrays));
    const draws = density.sample(keyOf(2), context, 8);
    expect(again.logProb(draws, sharedContext)).toEqual(density.logProb(draws, sharedContext));
  });

  test('of another flow are refused', () => {
    const arrays = toArrays(bent.parameters);
    const sizes = { dimension: 3, numLayers: 3, hiddenUnits: [8, 8] };
    expect(() => fromArrays(createFlow({ ...sizes, contextDimension: 4 }), arrays)).toThrow(
      'weights/layer0/fromContext of shape [4, 8]; got [2, 8]',
    );
    expect(() => fromArrays(createFlow({ ...sizes, contextDimension: 2, kind: 'spline' }), arrays)).toThrow(
      'weights/layer0/widths of shape [8, 16]; got none',
    );
  });
});

test('a last chunk of one row takes the shared context', () => {
  const draws = density.sample(keyOf(2), context, 4097);
  const [alone] = density.logProb({ shape: [1, 3], data: draws.data.slice(-3) }, sharedContext);
  expect(density.logProb(draws, sharedContext)[4096]).toBeCloseTo(alone!, 4);
});
